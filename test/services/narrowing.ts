/** The sixteen things that a holder of credentials tries: what they are for, and what they must not open. */
import type { S3 } from '@aws-sdk/client-s3'
import type { Access } from '../../src/providers/provider.ts'
import { ACCESSES, type Attempt, NOBODY, OWNER, READERS, surprises, WRITERS } from '../e2e/consumers/attempts.ts'
import { outcomeOf } from '../e2e/consumers/s3-attempts.ts'

export interface Field {
  bucket: string
  otherBucket: string
  prefix: string
}

/** What is there before: an object `a` at the prefix, beside it, and in the other bucket. */
export const OUTSIDE = 'other/'

/** Classifies what credentials open: `narrowed`, `whole` when more than was asked for, or what they can't do. */
export async function opens(
  field: Field,
  clientFor: (access: Access) => Promise<S3 | string>,
): Promise<{ outcome: string; surprises: string[] }> {
  const found: string[] = []
  for (const access of ACCESSES) {
    const s3 = await clientFor(access)
    if (typeof s3 === 'string') return { outcome: s3, surprises: [] }
    try {
      const unexpected = await surprises(attempts(field), access, s3, outcomeOf)
      found.push(...unexpected.map(text => `${access}: ${text}`))
    } finally {
      s3.destroy()
    }
  }
  const dead = found.filter(text => text.endsWith('instead of done'))
  const outcome = found.length === 0 ? 'narrowed' : dead.length > 0 ? 'refused' : 'whole'
  return { outcome, surprises: found }
}

const attempt = (name: string, allowed: readonly Access[], send: Attempt<S3>['send']): Attempt<S3> => ({
  ...{ name, allowed, send },
})

function attempts({ bucket, otherBucket, prefix }: Field): Attempt<S3>[] {
  const theirs = { Bucket: bucket, Key: `${prefix}a` }
  const mine = { Bucket: bucket, Key: `${prefix}mine` }
  const outside = { Bucket: bucket, Key: `${OUTSIDE}a` }
  const elsewhere = { Bucket: otherBucket, Key: `${prefix}a` }
  const list = (Prefix?: string) => (s3: S3) => s3.listObjectsV2({ Bucket: bucket, ...(Prefix && { Prefix }) })
  return [
    attempt('get', READERS, s3 => s3.getObject(theirs)),
    attempt('put', WRITERS, s3 => s3.putObject({ ...mine, Body: 'x' })),
    attempt('list', READERS, list(prefix)),
    attempt('delete', OWNER, s3 => s3.deleteObject(mine)),
    attempt('get outside', NOBODY, s3 => s3.getObject(outside)),
    attempt('put outside', NOBODY, s3 => s3.putObject({ ...outside, Key: `${OUTSIDE}mine`, Body: 'x' })),
    attempt('upload outside', NOBODY, s3 => s3.createMultipartUpload({ ...outside, Key: `${OUTSIDE}mine` })),
    attempt('delete outside', NOBODY, s3 => s3.deleteObject({ ...outside, Key: `${OUTSIDE}absent` })),
    attempt('list outside', NOBODY, list(OUTSIDE)),
    attempt('list everything', NOBODY, list()),
    attempt('list what only begins like it', NOBODY, list(prefix.slice(0, -1))),
    attempt('copy in', NOBODY, s3 => s3.copyObject({ ...mine, CopySource: `${bucket}/${OUTSIDE}a` })),
    attempt('get of another bucket', NOBODY, s3 => s3.getObject(elsewhere)),
    attempt('put into another bucket', NOBODY, s3 => s3.putObject({ ...elsewhere, Key: `${prefix}mine`, Body: 'x' })),
    attempt('list another bucket', NOBODY, s3 => s3.listObjectsV2({ Bucket: otherBucket, Prefix: prefix })),
    attempt('create a bucket', NOBODY, s3 => s3.createBucket({ Bucket: `${bucket}-mine` })),
  ]
}

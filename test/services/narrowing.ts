/** What a holder of credentials tries: what they are for, and what they must not open. */
import type { S3 } from '@aws-sdk/client-s3'
import { type Failure, isFailure } from '../../src/api/failures.ts'
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

/**
 * Classifies what credentials open: `narrowed`, `whole` when more than was asked for, or
 * `refused` when less. `gaps`: attempts that the service refuses to everybody.
 */
export async function opens(
  field: Field,
  gaps: readonly string[],
  clientFor: (access: Access) => Promise<S3 | Failure>,
): Promise<{ outcome: string; details: string[] }> {
  const found: string[] = []
  const all = attempts(field).map(each => (gaps.includes(each.name) ? { ...each, allowed: NOBODY } : each))
  for (const access of ACCESSES) {
    const s3 = await clientFor(access)
    if (isFailure(s3)) return { outcome: s3.reason, details: [s3.message] }
    try {
      const unexpected = await surprises(all, access, s3, outcomeOf)
      found.push(...unexpected.map(text => `${access}: ${text}`))
    } finally {
      s3.destroy()
    }
  }
  const dead = found.filter(text => text.endsWith('instead of done'))
  const outcome = found.length === 0 ? 'narrowed' : dead.length > 0 ? 'refused' : 'whole'
  return { outcome, details: found }
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
    attempt('delete several', OWNER, s3 =>
      s3.deleteObjects({ Bucket: bucket, Delete: { Objects: [{ Key: mine.Key }] } }),
    ),
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

/** Suite: failures at a service, each with its reason, and without making or leaving anything. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Failure, isFailure } from '../../src/api/failures.ts'
import type { Probe, Session } from '../../src/providers/provider.ts'
import type { Key } from '../cluster/services/service.ts'
import { none } from '../e2e/provider-s3/lab.ts'
import type { At } from './conformance.suite.ts'
import type { WayName } from './found.ts'
import { BUCKET, probeRequest } from './lab.ts'

export function refusals({ row, lab }: At): void {
  /** The reason of a session, or of the first probe; `Allowed` when neither finds anything. */
  async function outcomeOf(way: WayName, key: Key): Promise<[reason: string, message: string]> {
    const session = await lab().open(way, { key })
    if (isFailure(session)) return [session.reason, session.message]
    const probe = await session.probe(probeRequest(BUCKET), none)
    session.close()
    return outcomeOfProbe(probe)
  }

  test(`a wrong secret: ${row.keys.wrong}`, async () => {
    const { accessKeyId } = lab().service.keys.user
    const [reason, message] = await outcomeOf('accessKey, Static', { accessKeyId, secretAccessKey: 'x'.repeat(40) })
    assert.equal(reason, row.keys.wrong, message)
  })

  test(`an unknown key: ${row.keys.unknown}`, async () => {
    const { accessKeyId, secretAccessKey } = lab().service.keys.user
    const unknown = { accessKeyId: accessKeyId.replace(/.$/, '0'), secretAccessKey }
    const [reason, message] = await outcomeOf('accessKey, Static', unknown)
    assert.equal(reason, row.keys.unknown, message)
  })

  test(`a key that only reads: ${row.keys.reader}`, async () => {
    const session = await lab().session('accessKey, Static', { key: lab().service.keys.reader })
    const probe = await session.probe(probeRequest(BUCKET), none)
    session.close()
    assert.ok(!isFailure(probe), JSON.stringify(probe))
    const results = Object.fromEntries(probe.permissions.map(({ action, result }) => [action, result]))
    const wanted = { 's3:GetObject': 'Allowed', 's3:ListBucket': 'Allowed', 's3:PutObject': 'Denied' }
    assert.deepEqual({ ...results, ...wanted }, results)
  })

  test('a missing bucket: BucketNotFound, and nobody makes it', async () => {
    const bucket = `${BUCKET}-mistyped`
    for (const key of [lab().service.keys.root, lab().service.keys.user]) {
      const session = await lab().session('accessKey, Static', { key })
      for (const writeProbe of ['None', 'Multipart', 'Object'] as const) {
        assert.deepEqual(await reasonOf(session.probe(probeRequest(bucket, { writeProbe }), none)), 'BucketNotFound')
        assert.ok(!(await lab().admin.buckets()).includes(bucket), `${writeProbe} has made the bucket`)
      }
      session.close()
    }
  })

  test(`encryption by SSE-S3: ${row.encryption}, and the operator knows`, async () => {
    const session = await lab().session(row.store)
    const probe = await session.probe(probeRequest(BUCKET, { encryption: { type: 'SSE-S3' } }), none)
    session.close()
    if (row.encryption !== 'refused') assert.deepEqual(outcomeOfProbe(probe), ['Allowed', ''])
    if (row.encryption !== 'works') assert.match(JSON.stringify(probe), /spec\.encryption/)
  })

  for (const { name, way, role, outcome } of row.others ?? []) {
    test(`${name}, by ${way}: ${outcome}`, async () => {
      const { roles } = lab().service
      const roleArn = roles[role] ?? ''
      const aws = lab().aws(way)
      if (aws.auth.webIdentity) aws.auth = { webIdentity: { ...aws.auth.webIdentity, roleArn } }
      if (aws.assumeRoles) aws.assumeRoles = [{ roleArn }]
      const session = await lab().open(way, { aws })
      const [reason, message] = isFailure(session) ? [session.reason, session.message] : await issued(session)
      assert.equal(reason, outcome, message)
    })
  }

  async function issued(session: Session): Promise<[reason: string, message: string]> {
    const s3 = await lab().consumer(session, BUCKET, 'ReadWrite')
    session.close()
    if (isFailure(s3)) return [s3.reason, s3.message]
    s3.destroy()
    return ['Issued', 'the credentials were handed on']
  }
}

function outcomeOfProbe(probe: Probe | Failure): [reason: string, message: string] {
  if (isFailure(probe)) return [probe.reason, probe.message]
  const needed = probe.permissions.filter(({ action }) => NEEDED.includes(action))
  const bad = needed.find(({ result }) => result !== 'Allowed')
  if (!bad) return ['Allowed', '']
  return [bad.result === 'Denied' ? 'PermissionDenied' : 'PermissionUnknown', bad.detail ?? '']
}

const NEEDED = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject']

async function reasonOf(result: Promise<object | Failure>): Promise<string> {
  const outcome = await result
  return isFailure(outcome) ? outcome.reason : 'done'
}

/** What a store may no longer have is taken back, whatever else fails, and never before its own credentials are fresh. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, minutes, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import { conditionsOf, credentials, setUp } from '../../test/support/reconcile-lab.ts'
import type { ArtifactStoreStatus } from '../api/artifact-store.ts'
import { transient } from '../api/failures.ts'
import { rfc3339 } from '../api/time.ts'
import type { StoreView } from './plan/view.ts'

const leftStamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
const left = projectedSecret('prod-old', leftStamp)
const goingSecret = (name: string) => {
  const secret = projectedSecret(name, leftStamp)
  const metadata = { ...secret.metadata, deletionTimestamp: '2026-03-01T09:00:00Z', finalizers: ['theirs/hold'] }
  return { ...secret, metadata }
}
describe('a store’s Secrets that it may no longer have', () => {
  test('removes Secrets that no entry asks for, although the connector is gone', async () => {
    const { reason, calls } = setUp({}, { connector: () => undefined, secretsOf: () => [left] })
    assert.equal(await reason(), 'ConnectorNotFound')
    assert.deepEqual(calls, ['remove Secret prod-old'])
  })

  test('refreshes the store’s own credentials before it removes anything', async () => {
    const { run, calls } = setUp({}, { secretsOf: () => [left] })
    await run(store({ credentials }))
    assert.deepEqual(calls, ['write Secret prod-step', 'remove Secret prod-old'])
  })

  test('removes Secrets that no entry asks for, although a bug makes everything else fail', async () => {
    const { run, calls } = setUp({ probe: () => Promise.reject(new Error('bug')) }, { secretsOf: () => [left] })
    await assert.rejects(run(store({ credentials })), /bug/)
    assert.deepEqual(calls, ['remove Secret prod-old'])
  })

  test('removes a bounded number of Secrets in a turn, and goes on soon', async () => {
    const many = Array.from({ length: 450 }, (_, index) => projectedSecret(`prod-old-${index}`, leftStamp))
    const { run, calls } = setUp({}, { secretsOf: () => many.filter(({ metadata }) => !isRemoved(metadata.name)) })
    const isRemoved = (name: string) => calls.includes(`remove Secret ${name}`)
    const turns = []
    for (let turn = 0; turn < 3; turn++) {
      const { next, wakeWithin } = await run()
      turns.push([calls.length, 'reason' in Object(next), wakeWithin])
    }
    assert.deepEqual(turns, [
      [200, true, 1_000],
      [400, true, 1_000],
      [450, false, undefined],
    ])
  })

  test('asks for nothing more of Secrets that are deleted already, however many others hold', async () => {
    const held = Array.from({ length: 50 }, (_, index) => goingSecret(`prod-old-${index}`))
    const { run, calls } = setUp({}, { secretsOf: () => held })
    const { next } = await run(store({ credentials }))
    assert.deepEqual(calls, ['write Secret prod-step'])
    assert.equal('intent' in Object(next), false, JSON.stringify(next))
  })

  describe('when the connector can no longer be used', () => {
    const key = projectedSecret('prod-key', { grant: 'g', issuedAt: NOW, expiresAt: undefined })
    const sas = projectedSecret('prod-sas', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60 * 24) })
    const session = projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) })
    const listed = (secretName: string, expiresAt?: Date) => ({
      ...{ name: secretName, namespace: 'ml', secretName },
      ...(expiresAt && { expiresAt: rfc3339(expiresAt) }),
    })
    const credentials = [listed('prod-key'), listed('prod-sas', minutes(60 * 24)), listed('prod-step', minutes(60))]
    const spec = { credentials: ['key', 'sas', 'step'].map(name => ({ name, formats: ['AwsProfile' as const] })) }
    const elsewhere = store(
      { ...spec, connectorRef: { name: 'minio', namespace: 'other' } },
      { status: { credentials } },
    )
    const theirs = connector({ metadata: { ...connector().metadata, namespace: 'other' } })
    const refusing = (secretsOf: StoreView['secretsOf']) => setUp({}, { connector: () => theirs, secretsOf })

    test('keys and SAS tokens are removed if its owner refuses the store, and sessions end by themselves', async () => {
      const { run, calls } = refusing(() => [key, sas, session])
      const { status } = await run(elsewhere)
      assert.equal(status?.conditions?.[0]?.reason, 'ConnectorNotAllowed')
      assert.deepEqual(calls, ['remove Secret prod-key', 'remove Secret prod-sas'])
      assert.deepEqual(status?.credentials, [credentials[2]])
    })

    test('status no longer lists removed keys and SAS tokens, even if an earlier reconcile removed them', async () => {
      const { run } = refusing(() => [session])
      assert.deepEqual((await run(elsewhere)).status?.credentials, [credentials[2]])
    })

    test('status no longer counts removed keys and SAS tokens that it had no room for', async () => {
      const { run } = refusing(() => [key])
      const status = { credentials: [listed('prod-key')], credentialsOmitted: 7 }
      const after = (await run({ ...elsewhere, status })).status
      assert.deepEqual([after?.credentials, after?.credentialsOmitted], [undefined, undefined])
    })

    test('keys stay if the connector only fails', async () => {
      const { run, calls } = setUp({}, { keyValues: () => ({ values: {} }), secretsOf: () => [key] })
      assert.deepEqual((await run(store(spec, { status: { credentials } }))).status?.credentials, credentials)
      assert.deepEqual(calls, [])
    })

    test('keys stay if the connector is absent, although the reason is the same', async () => {
      const { run, calls } = setUp({}, { secretsOf: () => [key] })
      const { status } = await run(elsewhere)
      assert.equal(status?.conditions?.[0]?.reason, 'ConnectorNotAllowed')
      assert.deepEqual([status?.credentials, calls], [credentials, []])
    })

    test('keys are removed as well if the store is suspended, and status no longer lists them', async () => {
      const { run, calls } = refusing(() => [key, session])
      const { status } = await run({ ...elsewhere, spec: { ...elsewhere.spec, suspend: true } })
      assert.equal(status?.conditions?.[0]?.reason, 'Suspended')
      assert.deepEqual(calls, ['remove Secret prod-key'])
      assert.deepEqual(status?.credentials, [credentials[2]])
    })

    describe('whose selector nobody can follow', () => {
      const allowedNamespaces = { from: 'Selector' as const, selector: { matchLabels: { team: 'ml' } } }
      const lender = { ...theirs.spec, allowedNamespaces, lend: { static: true } }
      const watched = { has: () => true, isRead: () => true }
      const limited = (spec: typeof theirs.spec) =>
        setUp({}, { watched, connector: () => ({ ...theirs, spec }), secretsOf: () => [key] })

      test('keys stay that it lends, as nobody knows whom it allows', async () => {
        const { run, calls } = limited(lender)
        const { status } = await run(elsewhere)
        assert.equal(status?.conditions?.[0]?.reason, 'ConnectorNotAllowed')
        assert.deepEqual([status?.credentials, calls], [credentials, []])
      })

      test('keys are removed if it does not lend the bucket to anybody', async () => {
        const { run, calls } = limited({ ...lender, resources: ['s3://another'] })
        await run(elsewhere)
        assert.deepEqual(calls, ['remove Secret prod-key'])
      })
    })

    test('keys that can’t be removed stay listed, and are tried again', async () => {
      const { run, lab } = refusing(() => [key])
      const failure = transient('SecretNotWritten', 'no answer')
      lab.context.writer.remove = async () => failure
      const conditions = [{ ...{ type: 'Ready', status: 'True' as const, reason: 'Verified' }, message: '' }]
      const ready = { conditions, observedGeneration: elsewhere.metadata.generation, credentials }
      const outcome = await run({ ...elsewhere, status: ready as ArtifactStoreStatus })
      assert.equal(outcome.next, failure)
      assert.deepEqual(outcome.status?.credentials, credentials, 'the Secrets are still there')
      assert.ok(conditionsOf(outcome).includes('Ready=False/ConnectorNotAllowed'), `${conditionsOf(outcome)}`)
    })
  })
})

test('credentials that reach too far, and can’t be removed, stay listed, and their removal is tried again', async () => {
  const tooFar = { kind: 'isolation' as const, result: 'False' as const, holdsFor: 'bucket' as const }
  const key = projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: undefined })
  const { run, lab } = setUp(
    { tryIssued: async () => ({ ...tooFar, detail: 'write', identityReaches: {} }) },
    { secret: () => key, secretsOf: () => [key] },
  )
  const failure = transient('SecretNotWritten', 'no answer')
  lab.context.writer.remove = async () => failure
  const { status, next } = await run(store({ credentials, verification: { isolation: 'Required' } }))
  assert.deepEqual(
    status?.credentials?.map(({ secretName }) => secretName),
    ['prod-step'],
  )
  assert.equal(next, failure)
  const said = status?.conditions?.map(({ type, reason, message }) => `${type} ${reason} ${message}`).join('; ') ?? ''
  assert.match(said, /Stalled NotIsolated .*they are still in their Secret: no answer/)
})

describe('a suspended store', () => {
  const suspended = store({ suspend: true, credentials })
  test('loses the Secrets that no entry asks for, and no others', async () => {
    const wanted = projectedSecret('prod-step', leftStamp)
    const { reason, calls } = setUp({}, { secretsOf: () => [left, wanted] })
    assert.equal(await reason(suspended), 'Suspended')
    assert.deepEqual(calls, ['remove Secret prod-old'])
  })
  test('tries again when they can’t be removed', async () => {
    const { run, lab } = setUp({}, { secretsOf: () => [left] })
    const failure = transient('SecretNotWritten', 'no answer')
    lab.context.writer.remove = async () => failure
    const { next, status } = await run(suspended)
    assert.deepEqual([next, status?.conditions?.[0]?.reason], [failure, 'Suspended'])
  })
})

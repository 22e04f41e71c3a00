/** Whatever a service answers to open, probe, prepare, grant, list and measure, a store and its connector say something. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { type Failure, isFailure } from '../../src/api/failures.ts'
import { createAzureProvider } from '../../src/providers/azure/provider.ts'
import { fakeBucket } from '../../src/providers/lab.contract.ts'
import type { Identity, Provider, Session } from '../../src/providers/provider.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { createCertificateAuthority } from '../cluster/certificates.ts'
import { answerAsBlobs, FAKE_ACCOUNT } from '../support/clouds/fake-blobs.ts'
import { answerAsS3 } from '../support/clouds/fake-s3.ts'
import { type HostileCloud, startHostileCloud, warps } from '../support/clouds/hostile-cloud.ts'
import { fuzzed } from '../support/hostile-values.ts'
import { reconcileWorld, SECRET, type World } from '../support/hostile-world.ts'
import { AWS_WORLDS, AZURE_WORLDS } from '../support/worlds.ts'

interface Subject {
  cloud: HostileCloud
  worlds: World[]
  create(): Provider & { close(): void }
}

const authority = await createCertificateAuthority('test')
const now = () => new Date()
const CA = { configMapKeyRef: { name: 'ca', key: 'ca.crt' } }

async function atS3(): Promise<Subject> {
  const cloud = await startHostileCloud(answerAsS3(new Map()))
  const worlds = AWS_WORLDS.map(world => {
    const { aws } = world.connector
    assert.ok(aws)
    return { ...world, connector: { ...world.connector, aws: { ...aws, endpoint: cloud.url } } }
  })
  return { cloud, worlds, create: () => createS3Provider({ now }) }
}

async function atAzure(): Promise<Subject> {
  const { certPem: cert, keyPem: key } = await authority.issueServer('azure')
  const cloud = await startHostileCloud(answerAsBlobs, { cert, key })
  const worlds = AZURE_WORLDS.map(world => {
    const { azure } = world.connector
    assert.ok(azure)
    const ours = { ...azure, endpoint: `${cloud.url}/${FAKE_ACCOUNT}`, authorityHost: cloud.url, caBundle: CA }
    const values = { ...world.values, 'ca.crt': authority.certPem }
    return { ...world, values, connector: { ...world.connector, azure: ours } }
  })
  return { cloud, worlds, create: () => createAzureProvider({ now }) }
}

const told = (text: string) =>
  assert.ok(!new RegExp(`${SECRET}|secret-of-|token-of-`).test(text), `a secret is shown: ${text}`)

/** What is measured is a number that status can hold, or a Failure. */
async function measure(session: Session, path: string, signal: AbortSignal): Promise<void> {
  const usage = await session.measure(
    { location: { bucket: 'data', prefix: 'team/', uri: path }, source: 'List' },
    signal,
  )
  if (isFailure(usage)) return told(usage.message)
  for (const count of [usage.objects, usage.bytes]) assert.ok(Number.isSafeInteger(count) && count >= 0, `${count}`)
}

for (const [name, start] of Object.entries({ aws: atS3, azure: atAzure })) {
  test(`${name}: a store and its connector say something, whatever the service answers`, async () => {
    const { cloud, worlds, create } = await start()
    after(() => cloud.close())
    let written = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...worlds), warps, async (world, warps) => {
        cloud.buckets.clear()
        cloud.buckets.set('data', fakeBucket({ 'team/a': 1, 'team/b': 2 }))
        cloud.warp(warps)
        const provider = create()
        const signal = AbortSignal.timeout(120_000)
        let opened: Session | Failure | undefined
        const open = async (identity: Identity) => (opened ??= await provider.open(identity, signal))
        try {
          const providers = { [provider.name]: provider }
          const { secrets } = await reconcileWorld(world, { providers, sessions: { get: open }, signal, now })
          written += secrets.length
          if (opened && !isFailure(opened)) await measure(opened, world.store.path, signal)
        } finally {
          provider.close()
        }
      }),
      fuzzed(30),
    )
    assert.ok(written > 0, 'no Secret was ever written')
  })
}

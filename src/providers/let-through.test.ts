/** A request lets one call through to the endpoints of its connector, although they do not answer, and to no others. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../api/failures.ts'
import type { ServiceConnectorSpec } from '../api/service-connector.ts'
import { createAzureProvider } from './azure/provider.ts'
import type { Provider } from './provider.ts'
import { createS3Provider } from './s3/provider.ts'

let url = ''
/** Hangs up on each call. */
const server = createServer(request => request.socket.destroy())
/** Calls that were sent, of which an SDK may send one more than once. */
let calls = 0
const onRequest = () => {
  calls++
}
before(async () => {
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

type Spec = () => ServiceConnectorSpec

const keys = { secretName: 'keys' }
const KEY = Buffer.from('hush').toString('base64')
const VALUES: Record<string, () => string> = {
  account_key: () => KEY,
  account_name: () => 'acct',
  connection_string: () => `AccountName=acct;AccountKey=${KEY};BlobEndpoint=${url}/acct`,
}
const secretValue = (key: string): string | undefined =>
  key.includes('session') ? undefined : (VALUES[key]?.() ?? 'hush')

/** How many calls reach the endpoint when the connector is looked at ten times. */
async function callsOf(provider: Provider, spec: ServiceConnectorSpec): Promise<number> {
  const before = calls
  const signal = AbortSignal.timeout(20_000)
  for (let look = 0; look < 10; look++) {
    const connector = { namespace: 'ml', name: 'c', uid: 'u' }
    const identity = provider.identity(spec, { connector, value: ({ key }) => secretValue(key) })
    assert.ok(!isFailure(identity), JSON.stringify(identity))
    const session = await provider.open(identity, signal)
    const failure = isFailure(session) ? session : await session.resources({ patterns: [], max: 1 }, signal)
    assert.ok(isFailure(failure) && failure.reason === 'EndpointUnreachable', JSON.stringify(failure))
    if (!isFailure(session)) session.close()
  }
  return calls - before
}

const s3: Spec = () => ({ aws: { endpoint: url, auth: { accessKey: keys } } })
const azure: Spec = () => ({ azure: { endpoint: `${url}/acct`, auth: { accountKey: keys } } })
const hidden: Spec = () => ({ azure: { auth: { connectionString: keys } } })

const cases: { name: string; create: typeof createS3Provider; spec: Spec; others: [name: string, spec: Spec][] }[] = [
  {
    name: 'S3',
    create: createS3Provider,
    spec: s3,
    others: [['another port', () => ({ aws: { endpoint: 'http://127.0.0.1:1', auth: { accessKey: keys } } })]],
  },
  {
    name: 'Azure',
    create: createAzureProvider,
    spec: azure,
    others: [['another port', () => ({ azure: { endpoint: 'http://127.0.0.1:1', auth: { accountKey: keys } } })]],
  },
  { name: 'Azure, where only a Secret knows the host,', create: createAzureProvider, spec: hidden, others: [] },
]

for (const { name, create, spec, others } of cases) {
  describe(`an endpoint of ${name} that does not answer`, () => {
    // The pauses of a breaker do not end.
    const provider = create({ now: () => new Date(), monotonic: () => 0, onRequest })
    after(() => provider.close())

    test('is left alone before anybody asks', async () => {
      assert.ok((await callsOf(provider, spec())) > 0)
      assert.equal(await callsOf(provider, spec()), 0)
    })

    test('gets one call when its connector is asked for', async () => {
      provider.letThrough?.(spec(), 'ml')
      assert.equal(await callsOf(provider, spec()), 1)
      assert.equal(await callsOf(provider, spec()), 0)
    })

    for (const [other, ofOther] of others) {
      test(`gets none when a connector of ${other} is asked for`, async () => {
        provider.letThrough?.(ofOther(), 'ml')
        assert.equal(await callsOf(provider, spec()), 0)
      })
    }
  })
}

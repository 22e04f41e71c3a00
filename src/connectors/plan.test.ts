import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeProvider, LOAN } from '../../test/support/objects.ts'
import type { ServiceConnectorSpec } from '../api/service-connector.ts'
import type { Provider, References } from '../providers/provider.ts'
import { planConnector, referencesOf } from './plan.ts'
import type { ConnectorView } from './view.ts'

const view = (values: Record<string, string> | undefined, overrides: Partial<ConnectorView> = {}): ConnectorView => ({
  keyValues: (kind, namespace, name) =>
    kind === 'Secret' && namespace === 'ml' && name === 'keys' && values ? { values } : undefined,
  serviceAccount: (namespace, name) =>
    namespace === 'ml' && name === 'runner' ? { namespace, name, uid: 'u', annotations: { a: 'b' } } : undefined,
  allowedAudiences: ['sts.amazonaws.com'],
  token: async () => 'a-token',
  tokenRefused: () => undefined,
  operatorIdentity: namespace => (namespace === 'trusted' ? LOAN : undefined),
  ...overrides,
})

const provider = (references: References): Provider => ({ ...fakeProvider, references: () => references })
const operatorIdentity: References = { keys: [], operatorIdentity: { field: 'spec.aws.auth.implicit' } }
const account = (name: string, audience = 'sts.amazonaws.com'): References => ({
  keys: [],
  serviceAccount: { name, audience, field: 'spec.aws.auth.webIdentity' },
})

describe('planConnector', () => {
  const good = { id: 'AKIA' }
  const cases: [name: string, provider: Provider, view: ConnectorView, reason: string, message: RegExp][] = [
    [
      'no such Secret',
      fakeProvider,
      view(undefined),
      'SecretNotFound',
      /^spec.aws.auth: there is no Secret "keys" with the label .* in namespace "ml"$/,
    ],
    [
      'Secret without the key',
      fakeProvider,
      view({ b: '1', a: '2' }),
      'SecretKeyMissing',
      /no key "id" \(it has: a, b\)/,
    ],
    [
      'Secret with many other keys, of which only a few are named',
      fakeProvider,
      view(Object.fromEntries([...'abcdefgh'].map(key => [key, 'x']))),
      'SecretKeyMissing',
      /\(it has: a, b, c, d, e and 3 more\)/,
    ],
    ['Secret without any key', fakeProvider, view({}), 'SecretKeyMissing', /it has: none/],
    ['key without a value', fakeProvider, view({ id: '' }), 'SecretKeyEmpty', /key "id" of Secret "ml\/keys" is empty/],
    [
      'no such ServiceAccount',
      provider(account('other')),
      view(good),
      'ServiceAccountNotFound',
      /no ServiceAccount "other" in namespace "ml"/,
    ],
    [
      'audience of the API server',
      provider(account('runner', 'https://kubernetes.default.svc')),
      view(good),
      'AudienceNotAllowed',
      /"https:\/\/kubernetes.default.svc" \(allowed: sts.amazonaws.com\)/,
    ],
    [
      "the operator's own identity",
      provider(operatorIdentity),
      view(good),
      'ImplicitAuthNotAllowed',
      /^spec.aws.auth.implicit: connectors of namespace "ml" .* --allow-implicit-auth=true and --implicit-auth-namespaces=...,ml, or /,
    ],
  ]
  for (const [name, provider, view, reason, message] of cases) {
    test(name, () => {
      const plan = planConnector(connector(), view, { aws: provider })
      assert.ok(plan.kind === 'failure')
      assert.equal(plan.reason, reason)
      assert.equal(plan.intent, 'stalled')
      assert.match(plan.message, message)
    })
  }

  test('gives the identity when everything is there', () => {
    const plan = planConnector(connector(), view(good), { aws: fakeProvider })
    assert.ok(plan.kind === 'plan')
    assert.equal(plan.identity.fingerprint, 'print-of-AKIA')
    assert.equal(plan.identity.connector, 'ml/minio')
  })

  test("gives the operator's own identity in a namespace that may use it", () => {
    const { metadata } = connector()
    const trusted = connector({ metadata: { ...metadata, namespace: 'trusted' } })
    const asked: unknown[] = []
    const asking: Provider = {
      ...provider(operatorIdentity),
      identity(spec, resolved) {
        asked.push(resolved.operatorIdentity)
        return fakeProvider.identity(spec, resolved)
      },
    }
    assert.equal(planConnector(trusted, view(good), { aws: asking }).kind, 'plan')
    assert.deepEqual(asked, [LOAN])
  })

  test('takes an optional key that is absent, but none that is empty', () => {
    const optional = provider({ keys: [{ kind: 'Secret', name: 'keys', key: 'token', optional: true, field: 'f' }] })
    assert.equal(planConnector(connector(), view(good), { aws: optional }).kind, 'plan')
    assert.equal(planConnector(connector(), view({ token: '' }), { aws: optional }).kind, 'failure')
  })

  test('gives the provider annotations, a way to a token, and one to say that it was refused', async () => {
    let token: unknown
    const refused: string[] = []
    const asking: Provider = {
      ...provider(account('runner')),
      identity(spec, resolved) {
        assert.deepEqual(resolved.serviceAccount?.annotations, { a: 'b' })
        token = resolved.serviceAccount?.token(AbortSignal.timeout(1000))
        resolved.serviceAccount?.refused?.('old-token')
        return fakeProvider.identity(spec, resolved)
      },
    }
    planConnector(connector(), view(good, { tokenRefused: token => refused.push(token) }), { aws: asking })
    assert.equal(await token, 'a-token')
    assert.deepEqual(refused, ['old-token'])
  })

  test('asks the provider that implements the member of the spec', () => {
    const spec: ServiceConnectorSpec = {
      azure: { accountName: 'account', auth: { accountKey: { secretName: 's' } } },
    }
    const keys = [{ kind: 'Secret' as const, name: 's', key: 'account_key', field: 'spec.azure' }]
    const azure: Provider = { ...fakeProvider, name: 'azure', references: () => ({ keys }) }
    assert.deepEqual(referencesOf(connector({ spec }), { aws: fakeProvider, azure }), { keys })
    const unusable = connector({ spec: { ...spec, ...connector().spec } })
    assert.deepEqual(referencesOf(unusable, { aws: fakeProvider, azure }), { keys: [] })
  })
})

/** What provider.ts promises, tried on each cloud by its contract.test.ts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { stalled } from '../api/failures.ts'
import { describeBuckets } from './buckets.contract.ts'
import { describeCalls } from './calls.contract.ts'
import { describeIsolation } from './isolation.contract.ts'
import {
  assertNoSecret,
  CONNECTOR,
  type Contract,
  failed,
  identityOf,
  labTest,
  none,
  open,
  resolve,
  stopped,
  succeeded,
  type Way,
} from './lab.contract.ts'
import type { Access, Identity } from './provider.ts'
import { describeStores } from './stores.contract.ts'

export function describeProviderContract(contract: Contract): void {
  for (const way of contract.ways) {
    describeReferences(contract, way)
    describeIdentity(contract, way)
    describeFingerprint(contract, way)
    if (way.pureOnly) continue
    describeOpen(contract, way)
    if (way.token) describeToken(contract, way)
    describeStores(contract, way)
    describeIsolation(contract, way)
    describeBuckets(contract, way)
    describeCalls(contract, way)
  }
  describePermissions(contract)
}

function describeReferences(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'references and group say the same each time, and ask and change nothing', async lab => {
    const { provider, given, service } = lab
    const spec = frozen(structuredClone(given.spec))
    assert.deepEqual(provider.references(spec), provider.references(spec))
    assert.equal(provider.group(spec, 'ml'), provider.group(spec, 'ml'))
    assert.deepEqual(service.requests, [])
  })

  labTest({ contract, way }, 'each reference names the field of the spec that names it', async lab => {
    const { keys, serviceAccount, operatorIdentity } = lab.provider.references(lab.given.spec)
    for (const { name, key, field } of keys) {
      const value = at(lab.given.spec, field)
      assert.ok(value === name || isDeepStrictEqual(value, { name, key }) || isDeepStrictEqual(value, { name }), field)
    }
    const fields = [serviceAccount?.field, operatorIdentity?.field].filter(field => field !== undefined)
    for (const field of fields) assert.ok(at(lab.given.spec, field) !== undefined, field)
    assert.equal(serviceAccount !== undefined, way.token === true)
    assert.equal(operatorIdentity !== undefined, way.pureOnly === true)
  })

  labTest({ contract, way }, 'a key may be absent where its reference says so', async lab => {
    const { provider, given } = lab
    const references = provider.references(given.spec)
    const optional = references.keys.filter(reference => reference.optional).map(({ key }) => key)
    assert.deepEqual(optional, way.optional ?? [])
    const absent = Object.fromEntries(optional.map(key => [key, undefined]))
    succeeded(provider.identity(given.spec, resolve(references, { ...given, values: { ...given.values, ...absent } })))
  })

  labTest({ contract, way }, 'connectors to one service are one group, those to another are not', async lab => {
    const { provider, given, elsewhere } = lab
    const group = (spec: typeof given.spec) => provider.group(spec, 'ml')
    assert.ok(group(given.spec))
    assert.equal(group({ ...given.spec, sessionDuration: '2h', allowedNamespaces: { from: 'All' } }), group(given.spec))
    assert.notEqual(group(elsewhere), group(given.spec))
  })
}

function describeIdentity(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'identity says the same each time, and asks and changes nothing', async lab => {
    const spec = frozen(structuredClone(lab.given.spec))
    const [one, other] = [identityOf(lab, { spec }), identityOf(lab, { spec })]
    assert.equal(JSON.stringify(one), JSON.stringify(other))
    assert.deepEqual(lab.service.requests, [])
  })

  labTest({ contract, way }, 'an identity says whose it is', async lab => {
    const { spec } = lab.given
    assert.ok(spec[lab.provider.name], 'the spec has a member of that name')
    const identity = identityOf(lab, { spec: { ...spec, sessionDuration: '2h' } })
    assert.equal(identity.provider, lab.provider.name)
    assert.equal(identity.connector, 'ml/prod')
    assert.equal(identity.sessionDurationMs, 2 * 3_600_000)
    if (identity.maxDuration) assert.ok(identity.maxDuration.ms > 0 && identity.maxDuration.because)
    for (const caution of identity.cautions) assert.ok(caution)
  })

  labTest({ contract, way }, 'printing an identity shows no secret', async lab => assertNoSecret(identityOf(lab), lab))

  labTest({ contract, way }, 'a value that can’t be used is a Failure that does not show it', async lab => {
    const { provider, given } = lab
    const references = provider.references(given.spec)
    for (const { kind, key } of references.keys.filter(({ kind }) => kind === 'Secret')) {
      const bad = `${lab.given.values[key] ?? ''} \u{1f511} `
      const values = { ...given.values, [key]: bad }
      const failure = failed(provider.identity(given.spec, resolve(references, { ...given, values })))
      assert.equal(failure.intent, 'stalled', `${kind} ${key}`)
      assertNoSecret(failure, lab)
      assert.ok(!failure.message.includes('\u{1f511}'), failure.message)
    }
  })
}

function describeFingerprint(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'a fingerprint is a hash, and another for each part of an identity', async lab => {
    const all = new Map<string, string>()
    const add = (what: string, { fingerprint }: Identity) => {
      assert.match(fingerprint, /^[0-9a-f]{64}$/)
      assert.equal(all.get(fingerprint), undefined, what)
      all.set(fingerprint, what)
    }
    add('as given', identityOf(lab))
    for (const [what, other] of Object.entries(lab.others)) add(what, identityOf(lab, other))
    add('another namespace', identityOf(lab, {}, { connector: { namespace: 'other' } }))
    add('another name', identityOf(lab, {}, { connector: { name: 'other' } }))
  })

  labTest(
    { contract, way },
    'a fingerprint stays when something changes that is not part of the identity',
    async lab => {
      const { spec, annotations } = lab.given
      const { fingerprint } = identityOf(lab)
      const same = [
        identityOf(lab, { spec: { ...spec, sessionDuration: '2h' } }),
        identityOf(lab, { spec: { ...spec, resources: ['*'], allowedNamespaces: { from: 'All' } } }),
        identityOf(lab, { annotations: { ...annotations, unrelated: 'x' } }),
        identityOf(lab, { token: 'another' }),
        identityOf(lab, {}, { connector: { ...CONNECTOR, uid: 'another' } }),
      ]
      for (const identity of same) assert.equal(identity.fingerprint, fingerprint)
    },
  )
}

function describeOpen(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'an open session says who it is, and when it ends', async lab => {
    const session = await open(lab)
    assert.ok(session.principal)
    assert.equal(typeof session.caller, 'object')
    assert.equal(session.expiresAt !== undefined, way.ends === true)
    if (session.expiresAt) assert.ok(session.expiresAt > new Date())
    assertNoSecret([session.principal, session.caller], lab)
    session.close()
  })

  labTest({ contract, way }, 'a service that can’t be reached is a Failure of open, not an error', async lab => {
    lab.service.mood = 'Gone'
    const opened = await lab.provider.open(identityOf(lab), none)
    // What a way does not ask for, it can't miss.
    if (lab.service.requests.length === 0) return
    assert.equal(failed(opened).intent, 'transient')
    assertNoSecret(opened, lab)
  })

  labTest({ contract, way }, 'opening ends with its signal, and nothing of it goes on', async lab => {
    lab.service.mood = 'Silent'
    const controller = new AbortController()
    const opened = lab.provider.open(identityOf(lab), controller.signal)
    while (lab.service.underWay.size === 0) await new Promise(setImmediate)
    const reason = stopped()
    controller.abort(reason)
    await assert.rejects(opened, error => error === reason)
    while (lab.service.underWay.size > 0) await new Promise(setImmediate)
    await assert.rejects(lab.provider.open(identityOf(lab), controller.signal), error => error === reason)
  })
}

function describeToken(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'without a token nobody is asked, and the Failure says why there is none', async lab => {
    const noToken = stalled('NoToken', 'there is no ServiceAccount')
    const identity = identityOf(lab, {}, { serviceAccount: { token: async () => noToken } })
    assert.equal(await lab.provider.open(identity, none), noToken)
    assert.deepEqual(lab.service.requests, [])
  })

  labTest({ contract, way }, 'a token that the service takes no more is given back', async lab => {
    const refused: string[] = []
    const change = { serviceAccount: { refused: (token: string) => refused.push(token) } }
    lab.service.mood = 'RefusesToken'
    const failure = failed(await lab.provider.open(identityOf(lab, {}, change), none))
    assert.deepEqual(refused, [lab.given.token])
    assertNoSecret(failure, lab)
  })
}

function describePermissions({ cloud, ways, createLab }: Contract): void {
  test(`${cloud}: required permissions are those of each access, once`, async t => {
    const lab = await createLab(ways[0]?.name ?? '')
    t.after(() => lab.close())
    const { requiredPermissions } = lab.provider
    const of = (...accesses: Access[]) =>
      requiredPermissions(frozen(accesses.map(access => ({ access, formats: ['Env'] as const }))))
    assert.ok(of('ReadOnly').length > 0 && of('WriteOnly').length > 0 && of('ReadWrite').length > 0)
    assert.ok(of().length > 0, 'of a store without credentials, too')
    const both = of('ReadOnly', 'WriteOnly', 'ReadOnly')
    assert.deepEqual(both.toSorted(), [...new Set([...of('ReadOnly'), ...of('WriteOnly')])].sort())
    assert.deepEqual(of('ReadWrite'), of('ReadWrite'))
    assert.deepEqual(lab.service.requests, [])
  })
}

/** The member of a spec that a path such as `spec.aws.auth` names. */
function at(spec: object, field: string): unknown {
  const [root, ...members] = field.split('.')
  assert.equal(root, 'spec')
  return members.reduce<unknown>((value, member) => (value as Record<string, unknown> | undefined)?.[member], spec)
}

function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) frozen(member)
  return Object.freeze(value)
}

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeLog } from '../../test/support/runtime/fakes.ts'
import { MANAGED_BY_LABEL, OPERATOR, SEAL_SECRET, STORE_LABEL } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { createLoadedSeal } from './seal-key.ts'

interface Made extends KubeObject {
  type: string
  data: Record<string, string>
}

/** The API server of one cluster, for as many replicas as a test starts. */
function cluster(uid = 'cluster-a') {
  const state = {
    secret: undefined as Made | undefined,
    calls: [] as string[],
    failing: 0,
    refusal: undefined as ApiError | undefined,
  }
  const client: Pick<Client, 'get' | 'list' | 'create'> = {
    async get<T extends KubeObject>(_: unknown, namespace: string | undefined, name: string) {
      state.calls.push(`get ${namespace}/${name}`)
      const answer = state.secret
      if (state.failing-- > 0) throw new TransportError('no answer')
      if (!answer) throw new ApiError(404, { reason: 'NotFound' }, 'get')
      return answer as unknown as T
    },
    async create<T extends KubeObject>(_: unknown, object: object) {
      state.calls.push('create')
      if (state.refusal) throw state.refusal
      if (state.secret) throw new ApiError(409, { reason: 'AlreadyExists' }, 'create')
      state.secret = object as Made
      return object as T
    },
    async list<T extends KubeObject>(_: unknown, __: string | undefined, options: { fieldSelector?: string } = {}) {
      assert.equal(options.fieldSelector, 'metadata.name=kube-system')
      return { items: [{ metadata: { uid } }] as unknown as T[], resourceVersion: '1' }
    },
  }
  const clock = createFakeClock()
  const log = fakeLog()
  const loaded: string[] = []
  const onLoaded = () => void loaded.push('loaded')
  const replica = (isNamespaced = false) =>
    createLoadedSeal({ client, namespace: 'system', isNamespaced, clock, random: () => 0.5, log, onLoaded })
  return { state, clock, log, replica, loaded }
}

const signal = new AbortController().signal
const sealOf = (seal: { of(secret: string, store: string): string }) => seal.of('team/s', 'ml/prod')

test('without rights on what is of the cluster, the key’s own uid tells clusters apart', async () => {
  const { state, replica } = cluster()
  const all = replica()
  await all.load(signal)
  const made = state.secret ?? assert.fail()
  const sealIn = async (uid: string) => {
    state.secret = { ...made, metadata: { ...made.metadata, uid } }
    const seal = replica(true)
    await seal.load(signal)
    assert.equal(seal.cluster(), uid)
    return sealOf(seal)
  }
  const seals = [sealOf(all), await sealIn('key-a'), await sealIn('key-of-a-copy')]
  assert.equal(new Set(seals).size, 3)
  assert.equal(await sealIn('key-a'), seals[1])
})

describe('the key of the seals', () => {
  test('is made once in the operator’s own namespace, and no store’s', async () => {
    const { state, replica } = cluster()
    await replica().load(signal)
    const { metadata, type, data } = state.secret ?? assert.fail()
    assert.deepEqual([metadata.namespace, metadata.name, type], ['system', SEAL_SECRET, 'Opaque'])
    assert.deepEqual([metadata.labels?.[MANAGED_BY_LABEL], metadata.labels?.[STORE_LABEL]], [OPERATOR, undefined])
    assert.equal(Buffer.from(data['key'] ?? '', 'base64').length, 32)
  })

  test('is the same for two replicas that start at the same moment, and after a restart', async () => {
    const { state, replica } = cluster()
    const [one, other] = [replica(), replica()]
    await Promise.all([one.load(signal), other.load(signal)])
    const later = replica()
    await later.load(signal)
    assert.equal(sealOf(one), sealOf(other))
    assert.equal(sealOf(one), sealOf(later))
    assert.equal(state.calls.filter(call => call === 'create').length, 2)
  })

  test('seals otherwise in another cluster, although its Secret was copied there', async () => {
    const [here, there] = [cluster('a'), cluster('b')]
    const [one, other] = [here.replica(), there.replica()]
    await one.load(signal)
    there.state.secret = here.state.secret
    await other.load(signal)
    assert.notEqual(sealOf(one), sealOf(other))
  })

  test('is asked for again while the API server does not answer', async () => {
    const { state, clock, log, replica } = cluster()
    state.failing = 2
    const seal = replica()
    const loaded = seal.load(signal)
    await clock.advance(60_000)
    await loaded
    assert.ok(sealOf(seal))
    assert.equal(log.messages('warn').length, 2)
  })

  test('is waited for while its Secret is damaged, with a cure in the log', async () => {
    const { state, clock, log, replica } = cluster()
    await replica().load(signal)
    if (state.secret) state.secret = { ...state.secret, data: { key: 'c2hvcnQ=' } }
    const loaded = replica().load(signal)
    await clock.advance(2_000)
    assert.match(
      String(log.lines.at(-1)?.fields['err']),
      /kubectl delete secret artifact-store-operator-seal -n system/,
    )
    state.secret = undefined
    await clock.advance(60_000)
    await loaded
  })

  test('is waited for while it can’t be made, with a cure for anybody to see, and made as soon as it can', async () => {
    const { state, clock, log, replica, loaded } = cluster()
    state.refusal = new ApiError(403, { message: 'secrets "x" is forbidden: exceeded quota: few' }, 'POST secrets')
    const seal = replica()
    assert.equal(seal.trouble(), undefined)
    const done = seal.load(signal)
    await clock.advance(600_000)
    assert.match(seal.trouble() ?? '', /kubectl describe resourcequota -n system/)
    assert.equal(log.lines.at(-1)?.fields['cure'], seal.trouble())
    assert.deepEqual([loaded, seal.cluster()], [[], undefined])
    assert.throws(() => sealOf(seal), /not loaded/, 'nothing is sealed with another key meanwhile')
    state.refusal = undefined
    await clock.advance(60_000)
    await done
    assert.ok(sealOf(seal))
    assert.deepEqual([loaded, seal.cluster(), seal.trouble()], [['loaded'], 'cluster-a', undefined])
  })

  test('may be made by an administrator, whatever its labels are', async () => {
    const { state, replica } = cluster()
    await replica().load(signal)
    if (state.secret)
      state.secret = { ...state.secret, metadata: { ...state.secret.metadata, labels: { theirs: '1' } } }
    const seal = replica()
    await seal.load(signal)
    assert.ok(sealOf(seal))
  })

  test('is no longer waited for when the process ends', async () => {
    const { state, replica } = cluster()
    state.failing = 1_000
    const stop = new AbortController()
    const loaded = replica().load(stop.signal)
    await settle()
    stop.abort()
    await loaded
  })
})

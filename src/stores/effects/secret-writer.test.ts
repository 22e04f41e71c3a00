import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, store } from '../../../test/support/objects.ts'
import { FAILED_TEST } from '../../../test/support/runtime/fakes.ts'
import { patched } from '../../../test/support/secret-api.ts'
import {
  CAUTIONS_ANNOTATION,
  MANAGED_BY_LABEL,
  OPERATOR,
  SEAL_ANNOTATION,
  STORE_LABEL,
  STORE_NAMESPACE_LABEL,
  STORE_UID_LABEL,
  TARGET_ANNOTATION,
} from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Client, JsonPatchOperation } from '../../kube/client.ts'
import { ApiError, TransportError } from '../../kube/errors.ts'
import type { ProjectedSecret } from '../plan/projected-secret.ts'
import { createSeal } from '../plan/seal.ts'
import type { Target } from '../plan/targets.ts'
import { createSecretWriter } from './secret-writer.ts'

const target = { role: 'step', namespace: 'ml' } as Target
const seal = createSeal(Buffer.alloc(32), 'cluster')
const place = { namespace: 'ml', name: 's', grant: 'g' }
const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
const ours = { [MANAGED_BY_LABEL]: OPERATOR, [STORE_LABEL]: 'prod', [STORE_NAMESPACE_LABEL]: 'ml' }
const annotations = { 'theirs/x': 'kept', [CAUTIONS_ANNOTATION]: 'reach far' }
const existing = (labels: Record<string, string> = ours): ProjectedSecret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'ml', uid: 'u', resourceVersion: '7', labels, annotations },
  contentHash: '',
  sealed: true,
})

const OWN_NAMESPACE = `secrets "s" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: artifact-store-operator may write no Secrets of stores into its own namespace ml: move the store to another one`

const error = (code: number, reason: string, message = reason) => new ApiError(code, { reason, message }, 'call')

const stored = (cached: ProjectedSecret | undefined, body: unknown): unknown =>
  Array.isArray(body) ? patched(cached as KubeObject, body) : { ...(body as object) }

/** Writes where the Secret in the cache is `cached`. Without an answer, the API server stores what it is sent. */
async function write(cached: ProjectedSecret | undefined, answer?: (verb: string) => unknown, to = target) {
  const calls: { verb: string; body: unknown }[] = []
  const reply = async (verb: string, body: unknown) => {
    calls.push({ verb, body })
    const result = answer ? answer(verb) : stored(cached, body)
    if (result instanceof Error) throw result
    return result
  }
  const client = {
    create: (_resource: unknown, body: unknown) => reply('create', body),
    jsonPatch: (_resource: unknown, _object: unknown, body: unknown) => reply('patch', body),
    get: () => reply('get', undefined),
    delete: (_resource: unknown, _namespace: unknown, _name: unknown, options: object) =>
      reply('delete', { ...options, signal: undefined }),
  } as unknown as Client
  const observed: unknown[] = []
  const cache = { get: () => cached, observe: (secret: unknown) => void observed.push(secret) }
  const writer = createSecretWriter({ client, cache, seal })
  const secret = { store: store(), target: to, name: 's', data: { key: 'value' }, stamp }
  const signal = AbortSignal.timeout(5_000)
  return { failure: await writer.write(secret, signal), calls, observed }
}

describe('write', () => {
  test('creates a new Secret with an owner and labels, but without the labels of the store itself', async () => {
    const { failure, calls, observed } = await write(undefined)
    assert.equal(failure, undefined)
    assert.deepEqual(
      calls.map(({ verb }) => verb),
      ['create'],
    )
    assert.ok(calls[0])
    const { metadata, data, type } = calls[0].body as {
      metadata: ProjectedSecret['metadata']
      data: object
      type: string
    }
    assert.deepEqual(data, { key: 'dmFsdWU=' })
    assert.equal(type, 'Opaque')
    assert.deepEqual(Object.keys(metadata.labels ?? {}).sort(), [
      'app.kubernetes.io/managed-by',
      'artifactstore.dev/credentials-role',
      'artifactstore.dev/store',
      'artifactstore.dev/store-namespace',
      'artifactstore.dev/store-uid',
    ])
    assert.equal(metadata.ownerReferences?.[0]?.uid, store().metadata.uid)
    assert.equal(observed.length, 1, 'the next read sees the write')
  })

  test('proves with a change that the Secret is still ours, and changes only what is ours', async () => {
    const { calls } = await write(existing())
    const operations = calls[0]?.body as JsonPatchOperation[]
    assert.deepEqual(operations.slice(0, 2), [
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'test', path: '/metadata/labels/app.kubernetes.io~1managed-by', value: OPERATOR },
    ])
    const changed = operations.slice(2).map(({ op, path }) => `${op} ${path}`)
    const ownOnes = /^add .metadata.(labels|annotations).(artifactstore.dev|app.kubernetes.io)~1[a-z-]+$/
    const others = changed.filter(change => !ownOnes.test(change)).map(change => change.split('/').at(-1))
    assert.deepEqual(others, ['artifactstore.dev~1cautions', 'ownerReferences', 'data'])
    assert.equal(changed.length, 15)
    assert.deepEqual(operations.at(-1), { op: 'add', path: '/data', value: { key: 'dmFsdWU=' } })
  })

  test('creates a Secret in another namespace without an owner, but with labels that say whose it is', async () => {
    const { calls } = await write(undefined, undefined, { ...target, namespace: 'team' })
    assert.ok(calls[0])
    const { metadata } = calls[0].body as ProjectedSecret
    assert.deepEqual([metadata.namespace, metadata.ownerReferences], ['team', undefined])
    assert.deepEqual(
      [metadata.labels?.[STORE_NAMESPACE_LABEL], metadata.labels?.[STORE_LABEL], metadata.labels?.[STORE_UID_LABEL]],
      ['ml', 'prod', store().metadata.uid],
    )
    assert.equal(metadata.annotations?.[TARGET_ANNOTATION], 'team/s')
    assert.equal(metadata.annotations?.[SEAL_ANNOTATION], seal.of('team/s', 'ml/prod'))
  })

  test('leaves owners alone when it changes a Secret in another namespace', async () => {
    const secret = existing({ ...ours, [STORE_NAMESPACE_LABEL]: 'ml' })
    const metadata = { ...secret.metadata, namespace: 'team', annotations: { [TARGET_ANNOTATION]: 'team/s' } }
    const cached = { ...secret, metadata }
    const { calls } = await write(cached, undefined, { ...target, namespace: 'team' })
    const operations = calls.flatMap(({ body }) => body as JsonPatchOperation[])
    const changed = operations.map(({ path }) => path.split('/')[2])
    assert.deepEqual([...new Set(changed)], ['uid', 'labels', 'annotations', undefined])
  })

  test('gives annotations to a Secret that has lost all of them', async () => {
    const { annotations: _, ...metadata } = existing().metadata
    const { calls } = await write({ ...existing(), metadata })
    const paths = calls.flatMap(({ body }) => body as JsonPatchOperation[]).map(({ path }) => path)
    const added = paths.filter(path => path.startsWith('/metadata/annotations'))
    assert.deepEqual(added, ['/metadata/annotations'])
  })

  const cases: [
    name: string,
    cached: ProjectedSecret | undefined,
    answer: (verb: string) => unknown,
    reason: string,
    intent: string,
    calls: string[],
  ][] = [
    [
      'the Secret is somebody else’s',
      undefined,
      verb => (verb === 'get' ? existing({}) : error(409, 'AlreadyExists')),
      'SecretConflict',
      'stalled',
      ['create', 'get'],
    ],
    [
      'the Secret is ours, but the cache is late',
      undefined,
      verb => (verb === 'get' ? existing() : error(409, 'AlreadyExists')),
      'SecretChanged',
      'transient',
      ['create', 'get'],
    ],
    [
      'the Secret is that of another store',
      existing({ ...ours, [STORE_LABEL]: 'other' }),
      () => assert.fail(),
      'SecretConflict',
      'stalled',
      [],
    ],
    [
      'the Secret is a copy that somebody made',
      existing({ ...ours, [STORE_NAMESPACE_LABEL]: 'other' }),
      () => assert.fail(),
      'SecretConflict',
      'stalled',
      [],
    ],
    ['the namespace is gone', undefined, () => error(404, 'NotFound'), 'NamespaceNotFound', 'waiting', ['create']],
    ['somebody replaced the Secret', existing(), () => FAILED_TEST, 'SecretChanged', 'transient', ['patch']],
    ['somebody deleted the Secret', existing(), () => error(404, 'NotFound'), 'SecretChanged', 'transient', ['patch']],
    [
      'the namespace is being deleted',
      undefined,
      () => error(403, 'Forbidden', 'because it is being terminated'),
      'NamespaceTerminating',
      'waiting',
      ['create'],
    ],
    [
      'the Secret has just been made immutable, and the cache is late',
      existing(),
      () => error(422, 'Invalid', 'Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set'),
      'SecretChanged',
      'transient',
      ['patch'],
    ],
    [
      'the Secret was made immutable',
      { ...existing(), immutable: true },
      () => assert.fail(),
      'SecretImmutable',
      'stalled',
      [],
    ],
    [
      'the quota is used up',
      undefined,
      () => error(403, 'Forbidden', 'exceeded quota: secrets=1'),
      'QuotaExceeded',
      'stalled',
      ['create'],
    ],
    [
      'the Secret in the way is gone when it is looked at',
      undefined,
      verb => (verb === 'get' ? error(404, 'NotFound') : error(409, 'AlreadyExists')),
      'SecretChanged',
      'transient',
      ['create', 'get'],
    ],
    [
      'it is our own',
      undefined,
      () => error(403, 'Forbidden', OWN_NAMESPACE),
      'NamespaceNotAllowed',
      'stalled',
      ['create'],
    ],
    ['the write is not allowed', undefined, () => error(403, 'Forbidden'), 'SecretForbidden', 'stalled', ['create']],
    [
      'the API server does not answer',
      undefined,
      () => new TransportError('reset'),
      'SecretNotWritten',
      'transient',
      ['create'],
    ],
  ]
  for (const [name, cached, answer, reason, intent, verbs] of cases) {
    test(`reports ${reason} when ${name}`, async () => {
      const { failure, calls } = await write(cached, answer)
      assert.deepEqual({ reason: failure?.reason, intent: failure?.intent }, { reason, intent })
      assert.deepEqual(
        calls.map(({ verb }) => verb),
        verbs,
      )
    })
  }
})

test('a Secret of another store blocks a grant without a call', async () => {
  const other = existing({ ...ours, [STORE_LABEL]: 'other' })
  const writer = createSecretWriter({ client: {} as Client, cache: { get: () => other, observe() {} }, seal })
  const failure = await writer.blocked(store(), place, AbortSignal.timeout(5_000))
  assert.equal(failure?.message, 'Secret "ml/s" belongs to another ArtifactStore: give the entry another secretName')
})

test('a Secret that was in the way is looked at before the next grant, until it is gone', async () => {
  const answers: (KubeObject | Error)[] = [
    new ApiError(409, { reason: 'AlreadyExists' }, 'create'),
    existing({}),
    existing({}),
    new ApiError(404, { reason: 'NotFound' }, 'get'),
  ]
  const reply = async () => {
    const answer = answers.shift()
    if (!answer || answer instanceof Error) throw answer ?? new Error('one call too many')
    return answer
  }
  const client = { create: reply, get: reply } as unknown as Client
  const writer = createSecretWriter({ client, cache: { get: () => undefined, observe() {} }, seal })
  const signal = AbortSignal.timeout(5_000)
  const blocked = async () => (await writer.blocked(store(), place, signal))?.reason

  assert.equal(await blocked(), undefined, 'no Secret in the way is known, so nothing is asked')
  assert.equal(
    (await writer.write({ store: store(), target, name: 's', data: {}, stamp }, signal))?.reason,
    'SecretConflict',
  )
  assert.equal(await blocked(), 'SecretConflict')
  assert.equal(await blocked(), undefined)
  assert.equal(await blocked(), undefined, 'the Secret is forgotten')
})

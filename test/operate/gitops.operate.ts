/** Argo CD's and Flux's own code says of every state of both kinds what deploy/argocd and deploy/samples/flux promise. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { isReady } from '../../src/api/kstatus.ts'
import { ISSUED_AT_ANNOTATION, REQUESTED_AT_ANNOTATION } from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { judge, type Verdict } from '../cluster/gitops.ts'
import { connector, store } from '../support/objects.ts'
import { reachableStates, type State } from '../support/readiness.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'

const deploy = (path: string) => parse(readFileSync(join(import.meta.dirname, '../../deploy', path), 'utf8'))
const argocd: Record<string, string> = deploy('argocd/argocd-cm.yaml').data
const flux: object[] = deploy('samples/flux/stores.yaml').spec.healthCheckExprs

type Expected = Pick<Verdict, 'argo' | 'flux'> & { says: string }
interface Row extends Expected {
  name: string
  object: KubeObject
}

const HEALTHY = { argo: 'Healthy', flux: 'Current' }
const PROGRESSING = { argo: 'Progressing', flux: 'InProgress' }
const DEGRADED = { argo: 'Degraded', flux: 'Failed' }
const SUSPENDED = { argo: 'Suspended', flux: 'InProgress' }

/** What has to be said of a state that belongs to the current spec. */
function expected({ readiness, conditions }: State): Expected {
  if (readiness.kind === 'ready') return { ...HEALTHY, says: readiness.message }
  if (readiness.kind === 'suspended') return { ...SUSPENDED, says: 'set it to false' }
  if (readiness.kind === 'progressing') return { ...(isReady(conditions) ? HEALTHY : PROGRESSING), says: '' }
  const { intent, reason, message } = readiness.failure
  const says = `${reason}: ${message}`
  if (readiness.kind === 'still-ready') return { ...HEALTHY, says }
  return { ...(intent === 'stalled' ? DEGRADED : PROGRESSING), says }
}

/** `observed`: the generation that the status is about; the spec has generation 2. */
function objects(state: State, observed: number): [kind: string, object: KubeObject][] {
  const status = { observedGeneration: observed, conditions: state.conditions }
  const suspend = state.readiness.kind === 'suspended'
  const [aConnector, aStore] = [connector(), store({ suspend })]
  const metadata = { generation: 2 }
  return [
    [
      'connector',
      {
        ...connector({
          status,
          metadata: { ...aConnector.metadata, ...metadata },
          spec: { ...aConnector.spec, suspend },
        }),
      },
    ],
    ['store', { ...aStore, status, metadata: { ...aStore.metadata, ...metadata } } as KubeObject],
  ]
}

const rows: Row[] = [
  ...reachableStates().flatMap(state => {
    const old: Expected =
      state.readiness.kind === 'suspended'
        ? { ...SUSPENDED, says: '' }
        : { ...PROGRESSING, says: 'waiting for the operator to work on the spec' }
    const of = (when: string, observed: number, verdict: Expected) =>
      objects(state, observed).map(([kind, object]) => ({ name: `${kind}, ${state.name}${when}`, object, ...verdict }))
    return [...of('', 2, expected(state)), ...of(', of an older spec', 1, old)]
  }),
  ...[connector(), store()].map(object => ({
    ...{ name: `${object.kind} that nobody has looked at`, object },
    // Flux waits when an expression finds no status.
    ...{ argo: 'Progressing', flux: 'Unknown', says: 'waiting for the operator' },
  })),
]

const key = (name: string) => rows.findIndex(row => row.name === name)

describe('Argo CD and Flux', () => {
  let verdicts: Verdict[]
  before(async () => {
    verdicts = await judge({ argocd, flux, objects: rows.map(({ object }) => object) })
  })
  const of = (name: string): Verdict => verdicts[key(name)] ?? assert.fail(name)

  for (const [index, { name, argo, flux, says }] of rows.entries()) {
    test(`agree about a ${name}: ${argo}`, () => {
      const verdict = verdicts[index] ?? assert.fail()
      assert.deepEqual([verdict.argo, verdict.flux], [argo, flux])
      assert.ok(verdict.message.includes(says), verdict.message)
    })
  }

  test('need the expressions: without them, Flux takes what nobody has looked at for current', () => {
    assert.equal(of('ArtifactStore that nobody has looked at').kstatus, 'Current')
    assert.equal(of('store, ready, then still ready').kstatus, 'InProgress')
  })

  test('agree with kubectl and plain Flux about all else', () => {
    for (const [index, { name, object, flux }] of rows.entries()) {
      const { status } = object as { status?: { conditions?: Parameters<typeof isReady>[0] } }
      if (flux !== 'Unknown' && !isReady(status?.conditions)) assert.equal(verdicts[index]?.kstatus, flux, name)
    }
  })

  for (const [kind, action] of [
    ['connector', 'refresh'],
    ['store', 'verify'],
  ] as const) {
    test(`offer to ${action} a ${kind}, which sets the annotation and nothing else`, () => {
      const { actions } = of(`${kind}, ready`)
      assert.deepEqual(Object.keys(actions), [action])
      const { disabled, results } = actions[action] ?? assert.fail()
      assert.equal(disabled, false)
      const { object } = rows[key(`${kind}, ready`)] ?? assert.fail()
      const [result] = results as KubeObject[]
      const at = result?.metadata.annotations?.[REQUESTED_AT_ANNOTATION] ?? ''
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      const metadata = { ...object.metadata, annotations: { [REQUESTED_AT_ANNOTATION]: at } }
      assert.deepEqual(results, [{ ...object, metadata }])
    })

    test(`do not offer it for a suspended ${kind}`, () => {
      assert.equal(of(`${kind}, suspended`).actions[action]?.disabled, true)
    })
  }
})

describe('on a cluster', () => {
  let world: World
  let tenant: Tenant
  before(async () => {
    world = await World.start()
    await world.startOperator()
    tenant = await world.tenant('gitops')
    await tenant.connector('minio')
    await tenant.store('ready')
    await tenant.connector('refused', { endpoint: 'https://169.254.169.254' })
    await tenant.store('no-bucket', { path: 's3://gitops-absent/team' })
    await tenant.store('no-connector', { connectorRef: { name: 'absent' } })
    await tenant.store('suspended', { suspend: true })
  })
  after(() => world?.stop())

  const judged = async (object: KubeObject): Promise<Verdict> => {
    const [verdict] = await judge({ argocd, flux, objects: [object] })
    return verdict ?? assert.fail()
  }

  const seen: [name: string, read: () => Promise<KubeObject>, argo: string, flux: string, says: RegExp][] = [
    ['a store', () => tenant.storeReady('ready'), 'Healthy', 'Current', /^bucket verified/],
    ['a connector', () => tenant.connectorReady('minio'), 'Healthy', 'Current', /^authenticated as /],
    [
      'a connector whose endpoint is refused',
      () => tenant.connectorCondition('refused', 'Stalled', 'True'),
      ...(['Degraded', 'Failed'] as const),
      /^\w+: .*169\.254\.169\.254/,
    ],
    [
      'a store whose bucket is not there yet',
      () => tenant.storeCondition('no-bucket', 'Reconciling', 'True', 'BucketNotFound'),
      ...(['Progressing', 'InProgress'] as const),
      /^BucketNotFound: /,
    ],
    [
      'a store whose connector is not there yet',
      () => tenant.storeCondition('no-connector', 'Reconciling', 'True', 'ConnectorNotFound'),
      ...(['Progressing', 'InProgress'] as const),
      /^ConnectorNotFound: .*"gitops\/absent": create it/,
    ],
    [
      'a suspended store',
      () => tenant.storeCondition('suspended', 'Ready', 'Unknown'),
      ...(['Suspended', 'InProgress'] as const),
      /set it to false/,
    ],
  ]
  for (const [name, read, argo, flux, says] of seen) {
    test(`they find ${name} ${argo}`, async () => {
      const verdict = await judged(await read())
      assert.deepEqual([verdict.argo, verdict.flux], [argo, flux])
      assert.match(verdict.message, says)
    })
  }

  test('the action of a connector has credentials made anew', async () => {
    await tenant.storeReady('ready')
    const issuedAt = async () => (await tenant.getSecret('ready-step'))?.metadata.annotations?.[ISSUED_AT_ANNOTATION]
    const old = (await issuedAt()) ?? assert.fail()
    const { actions } = await judged(await tenant.connectorReady('minio'))
    const [result] = (actions['refresh']?.results ?? []) as KubeObject[]
    const value = result?.metadata.annotations
    await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: tenant.name, name: 'minio' }, [
      { op: 'add', path: '/metadata/annotations', value },
    ])
    await until('a Secret with new credentials', async () => (await issuedAt()) !== old)
  })
})

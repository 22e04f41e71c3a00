/** What borrowers of a connector get: scoped credentials, and beside them only what its owner lends by name. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ArtifactStore, ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { rfc3339 } from '../../src/api/time.ts'
import type { Grant, GrantRequest, Identity, Provider } from '../../src/providers/provider.ts'
import type { StoreView } from '../../src/stores/plan/view.ts'
import { reconcileStore } from '../../src/stores/reconcile.ts'
import {
  connector,
  fakeMaterial,
  fakeProvider,
  fakeSession,
  fakeView,
  goodProbe,
  KEY_SPEC,
  minutes,
  NOW,
  projectedSecret,
  store,
} from '../support/objects.ts'
import { storeLab } from '../support/store-context.ts'

type Lend = NonNullable<ServiceConnectorSpec['lend']>

interface Scene {
  lend?: Lend
  /** Namespace of the connector; the store is in `ml`. */
  owner?: string
  identity?: Partial<Identity>
  view?: Partial<StoreView>
  allowed?: ServiceConnectorSpec['allowedNamespaces']
  resources?: string[]
  suspend?: boolean
}

const grant: Grant = { kind: 'grant', material: fakeMaterial, issuedAt: NOW, expiresAt: minutes(60) }
const ofWebIdentity: Grant = {
  ...grant,
  material: { ...fakeMaterial, webIdentity: { roleArn: 'arn:aws:iam::1:role/x', token: 't', sessionName: 's' } },
}

/** Reconciles a store; returns its status and what was done to the bucket and to Secrets. */
async function reconcile(
  spec: Partial<ArtifactStoreSpec>,
  { lend, owner = 'platform', identity = {}, view = {}, allowed = { from: 'All' }, resources, suspend = false }: Scene,
  overrides: Partial<ArtifactStore> = {},
) {
  const { metadata } = connector()
  const lender = connector({
    metadata: { ...metadata, namespace: owner },
    spec: {
      ...KEY_SPEC,
      allowedNamespaces: allowed,
      ...(lend ? { lend } : {}),
      ...(resources ? { resources } : {}),
      suspend,
    },
  })
  const provider: Provider = {
    ...fakeProvider,
    identity: (...of) => ({ ...(fakeProvider.identity(...of) as Identity), ...identity }),
  }
  const requests: GrantRequest[] = []
  const session = fakeSession({
    probe: async () => goodProbe,
    async prepare({ expirationDays }) {
      lab.calls.push(expirationDays === undefined ? 'prepare' : `prepare expiration ${expirationDays}`)
      return { kind: 'prepared', changes: [] }
    },
    async grant(request) {
      requests.push(request)
      return request.webIdentity ? ofWebIdentity : grant
    },
  })
  const lab = storeLab({
    providers: { aws: provider },
    sessions: { get: async () => session },
    view: fakeView({
      connector: key => (key === `${owner}/minio` ? lender : undefined),
      namespaceLabels: () => ({}),
      ...view,
    }),
  })
  const object = store({ connectorRef: { name: 'minio', namespace: owner }, ...spec }, overrides)
  const { status } = await reconcileStore(object, lab.context, AbortSignal.timeout(5_000))
  const stalled = status?.conditions?.find(({ type }) => type === 'Stalled')
  return { status, stalled, calls: lab.calls.filter(call => !['add', 'remove'].includes(call)), requests }
}

const webIdentity = { credentials: [{ name: 'step', formats: ['WebIdentity' as const] }] }
const scoped = { credentials: [{ name: 'step', formats: ['AwsProfile' as const] }] }
const toTeam = { namespaces: { names: ['team'] } }
const elsewhere = (spec: { credentials: NonNullable<ArtifactStoreSpec['credentials']> }) => ({
  credentials: spec.credentials.map(entry => ({ ...entry, ...toTeam })),
  allowedNamespaces: { from: 'All' as const },
})
const copies: Partial<Identity> = { unnarrowed: true }

describe('what a connector does not lend is refused by a Failure that names the field to ask for', () => {
  const cases: [name: string, spec: Partial<ArtifactStoreSpec>, field: keyof Lend, scene: Scene][] = [
    ['the identity itself to a store elsewhere', webIdentity, 'webIdentity', {}],
    ['the identity itself to a namespace elsewhere', elsewhere(webIdentity), 'webIdentity', { owner: 'ml' }],
    ['the identity itself back to its own namespace', elsewhere(webIdentity), 'webIdentity', { owner: 'team' }],
    ['a key as it is to a store elsewhere', scoped, 'static', { identity: copies }],
    ['a key as it is to a namespace elsewhere', elsewhere(scoped), 'static', { owner: 'ml', identity: copies }],
    ['creating the bucket', { bucket: { create: true }, ...scoped }, 'bucketSetup', {}],
    ['a region to look in', { bucket: { region: 'cn-north-1' }, ...scoped }, 'bucketSetup', {}],
    ['versioning of the bucket', { bucket: { versioning: 'Suspended' }, ...scoped }, 'bucketSetup', {}],
    ['deleting what is in the bucket', { bucket: { expirationDays: 1 }, ...scoped }, 'bucketSetup', {}],
  ]
  for (const [name, spec, field, scene] of cases) {
    for (const lend of [undefined, { [field]: false }, othersThan(field)]) {
      test(`${name}, with lend ${JSON.stringify(lend)}`, async () => {
        const { stalled, calls, status } = await reconcile(spec, { ...scene, ...(lend ? { lend } : {}) })
        assert.equal(stalled?.reason, 'NotLent', JSON.stringify(status?.conditions))
        assert.match(
          stalled?.message ?? '',
          new RegExp(`^spec\\.\\w+.*have its owner set spec\\.lend\\.${field}: true`),
        )
        assert.deepEqual(calls, [])
      })
    }
    test(`${name} goes when the connector lends it`, async () => {
      const { status, stalled } = await reconcile(spec, { ...scene, lend: { [field]: true } })
      assert.equal(stalled, undefined, stalled?.message)
      assert.equal(status?.conditions?.[0]?.reason, 'Verified')
    })
  }

  for (const [name, spec, identity] of [
    ['the identity itself', webIdentity, {}],
    ['a key as it is', scoped, copies],
    ['changes to the bucket', { bucket: { expirationDays: 1 } }, {}],
  ] as const) {
    test(`a store beside the connector gets ${name} without being lent it`, async () => {
      const { status } = await reconcile(spec as Partial<ArtifactStoreSpec>, { owner: 'ml', identity })
      assert.equal(status?.conditions?.[0]?.reason, 'Verified')
    })
  }

  test('scoped credentials need nothing but the permission to use the connector', async () => {
    const { status, calls } = await reconcile(scoped, {})
    assert.equal(status?.conditions?.[0]?.reason, 'Verified')
    assert.deepEqual(calls, ['write Secret prod-step'])
  })

  test('an entry that is refused does not hold up the others', async () => {
    const credentials = [...webIdentity.credentials, { name: 'other', formats: ['AwsProfile' as const] }]
    const { stalled, calls } = await reconcile({ credentials }, {})
    assert.equal(stalled?.reason, 'NotLent')
    assert.deepEqual(calls, ['write Secret prod-other'])
  })
})

describe('the provider is told what borrowed credentials may not reach', () => {
  const cases: [name: string, spec: Partial<ArtifactStoreSpec>, scene: Scene, lent: GrantRequest['lent']][] = [
    ['of a store elsewhere', scoped, {}, { wholeContainer: false }],
    ['of a namespace elsewhere', elsewhere(scoped), { owner: 'ml' }, { wholeContainer: false }],
    ['with whole containers', scoped, { lend: { wholeContainer: true } }, { wholeContainer: true }],
    ['beside the connector, where nothing is lent', scoped, { owner: 'ml' }, undefined],
  ]
  for (const [name, spec, scene, lent] of cases) {
    test(`${name}: ${JSON.stringify(lent)}`, async () => {
      const { requests } = await reconcile(spec, scene)
      assert.deepEqual(
        requests.map(request => request.lent),
        [lent],
      )
    })
  }
})

describe('what is withdrawn is taken back', () => {
  const listed = (expiresAt?: Date) => ({
    ...{ name: 'step', namespace: 'ml', secretName: 'prod-step' },
    ...(expiresAt ? { expiresAt: rfc3339(expiresAt) } : {}),
  })
  const cases: [name: string, spec: Partial<ArtifactStoreSpec>, end: Date | undefined, scene: Scene, gone: boolean][] =
    [
      ['a web identity that is no longer lent', webIdentity, minutes(60), {}, true],
      [
        'a web identity of a namespace that is no longer allowed',
        webIdentity,
        minutes(60),
        { allowed: { from: 'Same' } },
        true,
      ],
      [
        'a web identity for a bucket that is no longer allowed',
        webIdentity,
        minutes(60),
        { resources: ['s3://x'] },
        true,
      ],
      ['a copy of a key that is no longer lent', scoped, undefined, { identity: copies }, true],
      ['a copy of a SAS token of months', scoped, minutes(60 * 24 * 90), { identity: copies }, true],
      [
        'a copy, although the connector fails',
        scoped,
        undefined,
        { view: { keyValues: () => ({ values: {} }) } },
        true,
      ],
      [
        'a web identity, although the connector fails',
        webIdentity,
        minutes(60),
        { view: { keyValues: () => ({ values: {} }) } },
        true,
      ],
      ['a session of a namespace that is no longer allowed', scoped, minutes(60), { allowed: { from: 'Same' } }, false],
      ['a web identity that is lent', webIdentity, minutes(60), { lend: { webIdentity: true } }, false],
      ['a copy that is lent', scoped, undefined, { identity: copies, lend: { static: true } }, false],
    ]
  for (const [name, spec, expiresAt, scene, gone] of cases) {
    test(`${name} ${gone ? 'goes at once' : 'stays'}`, async () => {
      const secret = projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt })
      let there = true
      const view = { secretsOf: () => (there ? [secret] : []), secret: () => (there ? secret : undefined) }
      const scenery = { ...scene, view: { ...view, ...scene.view } }
      const status = { credentials: [listed(expiresAt)] }
      const first = await reconcile(spec, scenery, { status })
      assert.equal(first.calls.includes('remove Secret prod-step'), gone, `${first.calls}`)
      if (!gone) return
      there = false
      const { status: after } = await reconcile(spec, scenery, { status })
      assert.deepEqual(after?.credentials ?? [], [])
    })
  }

  describe('although something else is wrong first', () => {
    const [noBucket, noNamespace]: Scene[] = [{ resources: ['s3://else'] }, { allowed: { from: 'Same' } }]
    const broken = { keyValues: () => ({ values: {} }) }
    const tooLong = 'x'.repeat(1_000)
    const invalid = { ...scoped, displayName: tooLong }
    const secret = projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: undefined })
    const lent: Scene = { identity: copies, lend: { static: true } }
    for (const [why, refusal] of [
      ['for the bucket', noBucket],
      ['of the namespace', noNamespace],
    ] as const) {
      const cases: [name: string, spec: Partial<ArtifactStoreSpec>, scene: Scene][] = [
        ['the connector cannot authenticate', scoped, { view: broken }],
        [
          'the store is suspended, and the connector cannot authenticate',
          { ...scoped, suspend: true },
          { view: broken },
        ],
        ['the connector is suspended', scoped, { suspend: true }],
        ['the spec is invalid', invalid, {}],
        ['the spec is invalid, and the store is suspended', { ...invalid, suspend: true }, {}],
      ]
      for (const [name, spec, scene] of cases) {
        const view = { secretsOf: () => [secret], secret: () => secret, ...scene.view }
        test(`a copy goes when the permission ${why} goes, although ${name}`, async () => {
          const { calls } = await reconcile(spec, { ...lent, ...refusal, ...scene, view })
          assert.ok(calls.includes('remove Secret prod-step'), `${calls}`)
        })
        test(`a copy stays while the permission ${why} stays, although ${name}`, async () => {
          const { calls } = await reconcile(spec, { ...lent, ...scene, view })
          assert.ok(!calls.includes('remove Secret prod-step'), `${calls}`)
        })
      }
    }

    test('a path that is none refuses nothing', async () => {
      const view = { secretsOf: () => [secret], secret: () => secret }
      for (const path of ['nothing', '', undefined]) {
        const { calls } = await reconcile({ ...scoped, path: path as string }, { ...lent, ...noBucket, view })
        assert.deepEqual(calls, [])
      }
    })
  })

  test('a lifecycle rule goes when the connector no longer lends changes to the bucket', async () => {
    const status = { bucket: { name: 'bucket', prefix: 'team/', expirationDays: 7 } }
    const { calls, stalled, status: after } = await reconcile({ bucket: { expirationDays: 7 } }, {}, { status })
    assert.deepEqual(calls, ['prepare'])
    assert.equal(stalled?.reason, 'NotLent')
    assert.equal(after?.bucket?.expirationDays, undefined)
  })
})

function othersThan(field: keyof Lend): Lend {
  const all: Lend = { webIdentity: true, bucketSetup: true, wholeContainer: true, static: true }
  delete all[field]
  return all
}

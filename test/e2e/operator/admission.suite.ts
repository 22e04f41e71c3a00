/** Suite: what admission lets the operator do, or whoever has its token. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import type { Answer } from '../../cluster/https.ts'
import { until } from '../../support/until.ts'

const SYSTEM = 'artifact-store-system'
const OPERATOR = 'artifact-store-operator'
const MANAGED_BY = 'app.kubernetes.io/managed-by'
/** Namespaces: of a store, and one that its Secrets go to. */
const [HOME, AWAY] = ['fenced-home', 'fenced-away']
const GROUP_PATH = '/apis/artifactstore.dev/v1alpha1/namespaces'
const OWN = 'artifactstore.dev'

/** A cluster with deploy/, and who calls it. */
export interface Fenced {
  /** Must not fail. */
  admin(method: string, path: string, body?: object): Promise<Answer['json']>
  operator(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  controlPlane(): ControlPlane
}

const secrets = (namespace: string, name = '') => `/api/v1/namespaces/${namespace}/secrets${name && `/${name}`}`
const accounts = (namespace: string) => `/api/v1/namespaces/${namespace}/serviceaccounts`

const owned = (storeNamespace: string = HOME): Record<string, string> => ({
  [MANAGED_BY]: OPERATOR,
  [`${OWN}/store`]: 'prod',
  [`${OWN}/store-namespace`]: storeNamespace,
  [`${OWN}/store-uid`]: 'a-uid',
  [`${OWN}/credentials-role`]: 'step',
})
const owner = { apiVersion: `${OWN}/v1alpha1`, kind: 'ArtifactStore', name: 'prod', uid: 'a-uid' }

interface Draft {
  name?: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: object[]
  finalizers?: string[]
  rest?: object
}

const SEAL = { name: `${OPERATOR}-seal`, namespace: SYSTEM, labels: { [MANAGED_BY]: OPERATOR }, annotations: {} }

/** A Secret as the operator makes it, but for what the draft says. */
function draft({ name = 'a', namespace = HOME, labels, annotations, rest, ...metadata }: Draft) {
  const target = { [`${OWN}/target`]: `${namespace}/${name}` }
  return {
    metadata: { name, namespace, labels: labels ?? owned(), annotations: annotations ?? target, ...metadata },
    ...rest,
  }
}

const patched = { 'content-type': 'application/merge-patch+json' }

export function admission({ admin, operator, controlPlane }: Fenced): void {
  const askForToken = (namespace: string, account: string, spec: object) =>
    operator('POST', `${accounts(namespace)}/${account}/token`, { spec })

  async function decides(call: () => Promise<Answer>, refusal: RegExp | undefined): Promise<void> {
    const { status, text, json } = await call()
    if (!refusal) return assert.ok(status < 300, text)
    assert.equal(status, 403, text)
    assert.match(json.message, refusal)
  }

  describe('admission', () => {
    before(async () => {
      for (const name of [HOME, AWAY]) await admin('POST', '/api/v1/namespaces', { metadata: { name } })
      await admin('POST', accounts(HOME), { metadata: { name: 'runner' } })
      await until('the API server has taken up the policies', async () => {
        const unlabelled = await operator('POST', `${secrets(HOME)}?dryRun=All`, draft({ labels: {} }))
        const unlisted = await askForToken(HOME, 'runner', { audiences: ['other'] })
        const listed = await askForToken(HOME, 'runner', { audiences: ['sts.amazonaws.com'] })
        return unlabelled.status === 403 && unlisted.status === 403 && listed.status === 201
      })
    })

    tokens()
    writes()
    describe('of Secrets that are there', takes)
    patches()

    test('the policies hold an operator in any namespace, whatever RBAC gives it', async () => {
      const elsewhere = `system:serviceaccount:elsewhere:${OPERATOR}`
      const headers = { 'impersonate-user': elsewhere, 'impersonate-group': 'system:masters' }
      const body = draft({ name: 'b', labels: {} })
      const { status, json } = await controlPlane().request('POST', secrets(HOME), body, headers)
      assert.equal(status, 403)
      assert.match(json.message, /artifact-store-operator-secrets.*must carry/)
    })
  })

  function tokens(): void {
    const aws = { audiences: ['sts.amazonaws.com'] }
    const cases: [name: string, namespace: string, account: string, spec: object, refusal?: RegExp][] = [
      ['for AWS', HOME, 'runner', { ...aws, expirationSeconds: 3600 }],
      ['for Azure', HOME, 'runner', { audiences: ['api://AzureADTokenExchange'] }],
      [
        'for anybody else',
        HOME,
        'runner',
        { audiences: ['vault'] },
        /not for \[vault\]: to allow another audience, add/,
      ],
      ['for the API server, by default', HOME, 'runner', {}, /not for \[https:/],
      ['for AWS and another', HOME, 'runner', { audiences: [...aws.audiences, 'vault'] }, /only, not for/],
      ['of kube-system', 'kube-system', 'default', aws, /ServiceAccounts in kube-system/],
      ['of kube-public', 'kube-public', 'default', aws, /ServiceAccounts in kube-public/],
      ['of itself', SYSTEM, OPERATOR, aws, /ServiceAccounts in artifact-store-system/],
      ['for a day', HOME, 'runner', { ...aws, expirationSeconds: 86_400 }, /an hour at most/],
    ]
    for (const [name, namespace, account, spec, refusal] of cases) {
      test(`a token ${name} is ${refusal ? 'refused to' : 'given to'} the operator`, () =>
        decides(() => askForToken(namespace, account, spec), refusal))
    }
  }

  /** Secrets that are made. */
  function writes(): void {
    const elsewhere = { namespace: AWAY, name: 'b' }
    const tokenOf = { 'kubernetes.io/service-account.name': 'runner' }
    const without = (label: string) => {
      const { [`${OWN}/${label}`]: _, ...labels } = owned()
      return labels
    }
    const cases: [name: string, secret: Draft, refusal?: RegExp][] = [
      ['for a store', {}],
      ['for a store, owned by it', { name: 'a-owned', ownerReferences: [owner] }],
      ['for a store elsewhere', { ...elsewhere, name: 'a' }],
      [
        'for a store of kube-public, in there',
        { namespace: 'kube-public', labels: owned('kube-public') },
        /into kube-public: move the store/,
      ],
      ['that is the key of its seals', SEAL],
      ['without its label', { name: 'b', labels: {} }, /must carry/],
      ["with somebody else's label", { name: 'b', labels: { ...owned(), [MANAGED_BY]: 'Helm' } }, /must carry/],
      [
        'with another label',
        { name: 'b', labels: { ...owned(), 'argocd.argoproj.io/secret-type': 'cluster' } },
        /only its own/,
      ],
      [
        'that connectors may name',
        { name: 'b', labels: { ...owned(), [`${OWN}/credentials`]: 'true' } },
        /only its own/,
      ],
      ['with another annotation', { name: 'b', annotations: tokenOf }, /only its own labels and annotations/],
      ['without a store', { name: 'b', labels: without('store') }, /must say whose it is/],
      ['without the store’s namespace', { name: 'b', labels: without('store-namespace') }, /must say whose it is/],
      ['without the store’s uid', { name: 'b', labels: without('store-uid') }, /must say whose it is/],
      ['elsewhere that does not name itself', { ...elsewhere, annotations: {} }, /must say whose it is/],
      [
        'elsewhere that names another',
        { ...elsewhere, annotations: { [`${OWN}/target`]: `${HOME}/b` } },
        /must say whose/,
      ],
      [
        'for the cluster to fill with a token',
        { name: 'b', annotations: tokenOf, rest: { type: 'kubernetes.io/service-account-token' } },
        /Opaque/,
      ],
      ['with another owner', { name: 'b', ownerReferences: [{ ...owner, kind: 'Other' }] }, /no owner but/],
      ['with another store as owner', { name: 'b', ownerReferences: [{ ...owner, name: 'x' }] }, /no owner but/],
      ['with a finalizer', { name: 'b', finalizers: ['test.dev/hold'] }, /no finalizer/],
      ['in kube-system', { name: 'b', namespace: 'kube-system' }, /into kube-system: move the store/],
      ['in its own namespace', { name: 'b', namespace: SYSTEM }, /into its own namespace .*: move the store/],
      [
        'in its own namespace, for a store of it',
        { name: 'b', namespace: SYSTEM, labels: owned(SYSTEM) },
        /move the store/,
      ],
      ['that is the key of its seals, elsewhere', { ...SEAL, namespace: AWAY }, /must say whose it is/],
      ['beside the key of its seals', { ...SEAL, name: 'other' }, /must say whose it is/],
    ]
    for (const [name, secret, refusal] of cases) {
      test(`a Secret ${name} is ${refusal ? 'not made' : 'made'} by the operator`, () =>
        decides(() => operator('POST', `${secrets(secret.namespace ?? HOME)}?dryRun=All`, draft(secret)), refusal))
    }
  }

  /** Secrets that are there. */
  function takes(): void {
    const labels = { ...owned(), team: 'a' }
    const annotations = { 'theirs/note': 'a', [`${OWN}/target`]: `${HOME}/ours` }
    before(async () => {
      await admin('POST', secrets(HOME), draft({ name: 'theirs', labels: {}, annotations: {} }))
      await admin('POST', secrets(HOME), draft({ name: 'copied', labels: { [MANAGED_BY]: OPERATOR } }))
      await admin('POST', secrets(HOME), draft({ name: 'ours', labels, annotations, finalizers: ['test.dev/hold'] }))
      await admin('POST', secrets(HOME), draft({ name: 'going' }))
      await admin('POST', secrets(SYSTEM), draft(SEAL))
    })
    // The operator would take it for the key.
    after(() => admin('DELETE', secrets(SYSTEM, SEAL.name)))
    const change =
      (name: string, metadata: object, namespace: string = HOME) =>
      () =>
        operator('PATCH', secrets(namespace, name), { metadata, data: { key: 'dmFsdWU=' } }, patched)
    const remove =
      (name: string, namespace: string = HOME) =>
      () =>
        operator('DELETE', secrets(namespace, name))
    const cases: [name: string, call: () => Promise<Answer>, refusal?: RegExp][] = [
      ['changes its own, and leaves what others added', change('ours', {})],
      ['changes annotations of its own', change('ours', { annotations: { [`${OWN}/grant`]: 'x' } })],
      ['changes a label that others added', change('ours', { labels: { team: 'b' } }), /only its own labels/],
      [
        'changes an annotation that others added',
        change('ours', { annotations: { 'theirs/note': 'b' } }),
        /only its own/,
      ],
      ['adds a label', change('ours', { labels: { other: 'b' } }), /only its own labels/],
      ['adds an owner', change('ours', { ownerReferences: [{ ...owner, kind: 'Other' }] }), /no owner but/],
      ['removes a finalizer', change('ours', { finalizers: null }), /no finalizer/],
      ['gives its own away', change('ours', { labels: { [MANAGED_BY]: null } }), /must carry/],
      ['forgets whose its own is', change('ours', { labels: { [`${OWN}/store`]: null } }), /must say whose it is/],
      ['changes another', change('theirs', {}), /may not change/],
      ['changes one without a store', change('copied', {}), /may not change/],
      ['takes another over', change('theirs', { labels: owned() }), /may not change/],
      ['deletes another', remove('theirs'), /may not change/],
      ['deletes all', remove(''), /cannot deletecollection/],
      ['changes the key of its seals', change(SEAL.name, {}, SYSTEM), /may not change/],
      ['deletes the key of its seals', remove(SEAL.name, SYSTEM), /may not change/],
      ['deletes its own', remove('going')],
    ]
    for (const [name, call, refusal] of cases) {
      test(`the operator ${refusal ? 'never ' : ''}${name}`, () => decides(call, refusal))
    }
  }

  function patches(): void {
    const cases: [name: string, body: object, refusal?: RegExp][] = [
      ['its finalizer', { metadata: { finalizers: ['artifactstore.dev/finalizer'] } }],
      ['the spec', { spec: { suspend: true } }, /finalizers of an ArtifactStore only/],
      ['a label', { metadata: { labels: { team: 'a' } } }, /finalizers of an ArtifactStore only/],
      ['an annotation', { metadata: { annotations: { note: 'a' } } }, /finalizers of an ArtifactStore only/],
    ]
    const stores = `${GROUP_PATH}/${HOME}/artifactstores`
    before(async () => {
      const spec = { path: 's3://bucket', connectorRef: { name: 'minio' } }
      const identity = { apiVersion: `${OWN}/v1alpha1`, kind: 'ArtifactStore', metadata: { name: 'prod' } }
      await admin('POST', stores, { ...identity, spec })
    })
    for (const [name, body, refusal] of cases) {
      test(`the operator ${refusal ? 'never ' : ''}changes ${name} of a store`, () =>
        decides(() => operator('PATCH', `${stores}/prod`, body, patched), refusal))
    }
  }
}

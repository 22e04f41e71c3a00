/** Connectors and stores as the operator leaves them, in numbers. */
import type { ArtifactStore } from '../../src/api/artifact-store.ts'
import type { Condition } from '../../src/api/conditions.ts'
import { API_VERSION, OPERATOR } from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { ServiceConnector } from '../../src/api/service-connector.ts'
import { ownerLabels, stampAnnotations } from '../../src/stores/plan/projected-secret.ts'

const HOUR_MS = 3_600_000

const metadataOf = (namespace: string, name: string): KubeObject['metadata'] => ({
  ...{ namespace, name, uid: `uid-of-${namespace}-${name}`, resourceVersion: '1', generation: 1 },
})

const conditionOf = (type: string, status: Condition['status'], reason: string, message: string): Condition => ({
  ...{ type, status, reason, message, lastTransitionTime: '2026-03-01T10:00:00Z' },
})

const STEPS = [
  ['ConnectorReady', 'Authenticated'],
  ['BucketReachable', 'Reachable'],
  ['AccessVerified', 'PermissionsVerified'],
  ['CredentialsProjected', 'Projected'],
] as const

/** What is wrong with a store: most are well. */
const ILLS: readonly (readonly [step: string, reason: string, message: string, isStalled: boolean])[] = [
  ['BucketReachable', 'BucketNotFound', 'bucket "models" does not exist: create it, or set spec.bucket.create', true],
  ['AccessVerified', 'PermissionDenied', 's3:PutObject is denied: allow it in the policy of the role', true],
  ['CredentialsProjected', 'Throttled', 'the service throttles: it is tried again', false],
]

export function connectorOf(number: number): ServiceConnector {
  const isAzure = number % 3 === 2
  const auth = { servicePrincipal: { secretName: 'app' } }
  const spec = isAzure
    ? { azure: { accountName: `team${number}`, auth } }
    : { aws: { region: 'eu-west-1', auth: { accessKey: { secretName: 'keys' } } } }
  return {
    ...{ apiVersion: API_VERSION, kind: 'ServiceConnector', metadata: metadataOf('platform', `team-${number}`) },
    spec: spec as ServiceConnector['spec'],
    status: {
      observedGeneration: 1,
      principal: `arn:aws:iam::123456789012:role/artifacts-${number}`,
      conditions: [conditionOf('Ready', 'True', 'Authenticated', `authenticated as artifacts-${number}`)],
    },
  }
}

/** `at`: when its credentials were issued, in ms. Each 50th store is not well. */
export function storeOf(number: number, connectors: number, at: number): ArtifactStore {
  const namespace = `team-${number % 250}`
  const name = `models-${String(number).padStart(4, '0')}`
  const ill = number % 50 === 7 ? ILLS[Math.floor(number / 50) % ILLS.length] : undefined
  const failed = ill ? STEPS.findIndex(([step]) => step === ill[0]) : STEPS.length
  const [, reason = 'Verified', message = 'bucket verified, credentials projected', isStalled] = ill ?? []
  const connector = number % connectors
  const scheme = connector % 3 === 2 ? 'az' : 's3'
  return {
    ...{ apiVersion: API_VERSION, kind: 'ArtifactStore', metadata: metadataOf(namespace, name) },
    spec: {
      path: `${scheme}://models-${number % 40}/${namespace}/${name}`,
      connectorRef: { name: `team-${connector}`, namespace: 'platform' },
      credentials: [{ name: 'step', formats: ['Env'] }],
    },
    status: {
      observedGeneration: 1,
      conditions: [
        conditionOf('Ready', ill ? 'False' : 'True', reason, message),
        ...(ill ? [conditionOf(isStalled ? 'Stalled' : 'Reconciling', 'True', reason, message)] : []),
        ...STEPS.slice(0, failed).map(([step, word]) => conditionOf(step, 'True', word, 'it was shown')),
        ...(ill ? [conditionOf(ill[0], 'False', reason, message)] : []),
      ],
      credentials: [
        { name: 'step', namespace, secretName: `${name}-step`, expiresAt: new Date(at + HOUR_MS).toISOString() },
      ],
    },
  }
}

/** The Secret of a store, without values. */
function secretOf(store: KubeObject, at: number): KubeObject {
  const { namespace = '', name } = store.metadata
  const stamp = { grant: 'g', issuedAt: new Date(at), expiresAt: new Date(at + HOUR_MS) }
  return {
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: {
      ...{ namespace, name: `${name}-step`, uid: '', resourceVersion: '' },
      labels: { ...ownerLabels(store, 'step'), 'app.kubernetes.io/managed-by': OPERATOR },
      annotations: stampAnnotations(stamp, 'content'),
    },
  }
}

/**
 * So many stores, their connectors, and their Secrets. Credentials were issued within the last 20 minutes, a tenth of them at
 * the same time; a few were forgotten.
 */
export function manyObjects(stores: number, connectors: number, now: number) {
  const secondsAgo = (number: number): number =>
    number % 1000 === 999 ? 3900 : number % 500 === 499 ? 2400 : number % 10 === 3 ? 300 : (number * 7919) % 1200
  const issued = (number: number): number => now - secondsAgo(number) * 1000
  const all = Array.from({ length: stores }, (_, number) => storeOf(number, connectors, issued(number)))
  return {
    connectors: Array.from({ length: connectors }, (_, number) => connectorOf(number)),
    stores: all,
    secretOf: (store: KubeObject, number: number) => secretOf(store, issued(number)),
  }
}

/** Shows the caches to plans, which read nothing else of the cluster. */
import { type Failure, stalled, transient } from '../api/failures.ts'
import { objectKey } from '../api/object.ts'
import type { Config } from '../config.ts'
import type { KeyValues, ReferencedAccount } from '../connectors/view.ts'
import { isFailedCall, isForbidden, isNotFound } from '../kube/errors.ts'
import type { TokenCache } from '../kube/token-cache.ts'
import { matches } from '../stores/plan/allowed-namespaces.ts'
import { listedUnsealed } from '../stores/plan/projected-secret.ts'
import type { StoreView } from '../stores/plan/view.ts'
import type { Caches } from './caches.ts'
import { oneOfLabels } from './namespace-index.ts'
import type { ReferencedValues } from './referenced-values.ts'
import type { LoadedSeal } from './seal-key.ts'

const ALL_NAMESPACES = '*'
/** Stands for an object whose values were not read yet. */
const UNREAD: KeyValues = { values: {}, asked: new Set() }

/** Settings of administrators about tokens, identities, namespaces and Secrets. */
type Policies = Pick<
  Config,
  | 'allowedAudiences'
  | 'implicitAuthNamespaces'
  | 'implicitAuthEndpoints'
  | 'implicitAuthClientIds'
  | 'recipientLabels'
  | 'maxTargets'
>

/** What a view has besides caches. */
interface Sources {
  tokens: TokenCache
  values: Pick<ReferencedValues, 'get'>
  /** Knows which cluster this is. */
  seal: Pick<LoadedSeal, 'cluster'>
  watched?: StoreView['watched']
}

export function createView(
  caches: Caches,
  { tokens, values, seal, watched }: Sources,
  operatorNamespace: string,
  policies: Policies,
): StoreView {
  const { allowedAudiences, implicitAuthNamespaces, implicitAuthEndpoints, implicitAuthClientIds } = policies
  const { recipientLabels, maxTargets } = policies
  return {
    watched,
    allowedAudiences,
    operatorIdentity(namespace) {
      const isLent = [namespace, ALL_NAMESPACES].some(name => implicitAuthNamespaces.includes(name))
      if (!isLent) return undefined
      return {
        cluster: seal.cluster(),
        endpoints: implicitAuthEndpoints,
        clientIds: implicitAuthClientIds
          .filter(client => client.namespace === undefined || client.namespace === namespace)
          .map(({ id }) => id),
      }
    },
    keyValues(kind, namespace, name) {
      const { cache } = kind === 'Secret' ? caches.secrets : caches.configMaps
      const object = cache.get(objectKey(namespace, name))
      return object && (values.get(kind, object) ?? UNREAD)
    },
    serviceAccount: (namespace, name) => caches.serviceAccounts.cache.get(objectKey(namespace, name))?.metadata,
    token: (account, audience, signal) => requestToken(tokens, account, audience, signal),
    tokenRefused: token => tokens.refused(token),
    connector: key => caches.connectors.cache.get(key),
    namespaceLabels: name => {
      const namespace = caches.namespaces.cache.get(name)
      return namespace && !namespace.overlabelled ? (namespace.metadata.labels ?? {}) : undefined
    },
    isRecipient: labels => matches({ matchLabels: recipientLabels }, labels),
    recipientLabels,
    maxTargets,
    namespacesMatching(selector) {
      const { cache } = caches.namespaces
      const labels = oneOfLabels(selector)
      const candidates = labels ? labels.flatMap(label => cache.byIndex('label', label)) : [...cache.values()]
      return candidates
        .filter(({ metadata, overlabelled }) => !overlabelled && matches(selector, metadata.labels ?? {}))
        .map(({ metadata }) => metadata.name)
    },
    get cluster() {
      return seal.cluster()
    },
    operatorNamespace,
    isTerminating: name => caches.namespaces.cache.get(name)?.metadata.deletionTimestamp !== undefined,
    storesIn: namespace => caches.stores.cache.byIndex('namespace', namespace),
    secret: key => caches.projected.cache.get(key),
    secretsOf(key) {
      const store = caches.stores.cache.get(key)
      const unsealed = store ? listedUnsealed(store, name => caches.projected.cache.get(name)) : []
      return [...caches.projected.cache.byIndex('store', key), ...unsealed]
    },
  }
}

async function requestToken(
  tokens: TokenCache,
  { namespace = '', name }: ReferencedAccount,
  audience: string,
  signal: AbortSignal,
): Promise<string | Failure> {
  const account = `ServiceAccount "${namespace}/${name}"`
  try {
    return (await tokens.get(namespace, name, audience, signal)).token
  } catch (error) {
    if (isNotFound(error)) return stalled('ServiceAccountNotFound', `${account} does not exist: create it`)
    if (isForbidden(error)) {
      return stalled(
        'TokenForbidden',
        `the operator may not request a token of ${account} for "${audience}": check its roles and its ValidatingAdmissionPolicy in deploy/`,
      )
    }
    if (isFailedCall(error)) {
      return transient('TokenUnavailable', `no token of ${account} from the API server; it is tried again`)
    }
    throw error
  }
}

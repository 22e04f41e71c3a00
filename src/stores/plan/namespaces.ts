/** Pure: the namespaces that an entry of `spec.credentials` leads to. */
import type { ArtifactStore, ArtifactStoreSpec, CredentialsEntry } from '../../api/artifact-store.ts'
import { type Failure, stalled, waiting } from '../../api/failures.ts'
import { refuseAllowedSelector, unreadable } from '../../connectors/selectors.ts'
import type { NamespaceLimit } from '../../connectors/view.ts'
import { matches, mayReference } from './allowed-namespaces.ts'
import type { StoreView } from './view.ts'

export type Namespaces = NonNullable<CredentialsEntry['namespaces']>

export interface Reach {
  /** Namespaces that get the Secret, sorted. */
  namespaces: string[]
  /**
   * Namespaces that are named but don't get the Secret, and why. Those that a selector matches are left out silently:
   * it must not tell which namespaces there are (docs/adr/0017).
   */
  excluded: { namespace: string; failure: Failure }[]
}

type NamespaceView = Pick<
  StoreView,
  | 'namespaceLabels'
  | 'isRecipient'
  | 'recipientLabels'
  | 'isTerminating'
  | 'namespacesMatching'
  | 'operatorNamespace'
  | 'watched'
>

/** Why a store can't be planned: where it selects namespaces whose labels can't be read. Its spec is valid. */
export function refuseSelectors(
  { allowedNamespaces, credentials = [] }: ArtifactStoreSpec,
  view: Pick<StoreView, 'watched'>,
): Failure | undefined {
  const selecting = view.watched && credentials.find(({ namespaces }) => namespaces?.selector)
  if (!selecting) return refuseAllowedSelector(allowedNamespaces ? { allowedNamespaces } : {}, view)
  return unreadable(`spec.credentials[${selecting.name}].namespaces.selector`, 'list them in namespaces.names')
}

/** Where the entries of one store lead to. A namespace is judged once, however many entries lead there. */
export interface Reaches {
  of(entry: CredentialsEntry): Reach
  /** Whether the entry leads to a namespace, or will once that is read, at a cost that does not grow with the number of namespaces. */
  leadsTo(entry: CredentialsEntry, namespace: string): boolean
}

export function reachesOf(store: ArtifactStore, view: NamespaceView): Reaches {
  const { namespace: own = '' } = store.metadata
  const judged = new Map<string, Obstacle | undefined>()
  const obstacleIn: ObstacleIn = namespace => {
    if (!judged.has(namespace)) judged.set(namespace, obstacleOf(store, namespace, view))
    return judged.get(namespace)
  }
  return {
    of(entry) {
      const field = `spec.credentials[${entry.name}]`
      if (!entry.namespaces) {
        const excluded = excludedOf(field, [own], obstacleIn, view)
        return { namespaces: excluded.length > 0 ? [] : [own], excluded }
      }
      const { names = [], selector } = entry.namespaces
      const selected = selector ? view.namespacesMatching(selector) : []
      const reached = [...names, ...selected].filter(name => !obstacleIn(name))
      return {
        namespaces: [...new Set(reached)].sort(),
        excluded: excludedOf(`${field}.namespaces.names`, names, obstacleIn, view),
      }
    },
    leadsTo: ({ namespaces }, namespace) =>
      (namespaces ? isMeant(namespaces, namespace, view) : namespace === own) &&
      [undefined, 'unread'].includes(obstacleIn(namespace)),
  }
}

function isMeant({ names = [], selector }: Namespaces, namespace: string, view: NamespaceView): boolean {
  if (names.includes(namespace)) return true
  const labels = selector && view.namespaceLabels(namespace)
  return labels !== undefined && matches(selector ?? {}, labels)
}

/**
 * Why a namespace gets no Secrets of a store, whatever its entries say. `closed`: no consent (docs/adr/0017). `unfit`: the
 * store itself is where the operator writes nothing (docs/adr/0025).
 */
type Obstacle = 'unfit' | 'reserved' | 'unwatched' | 'unread' | 'refused' | 'missing' | 'closed' | 'terminating'
type ObstacleIn = (namespace: string) => Obstacle | undefined

function obstacleOf(
  store: ArtifactStore,
  namespace: string,
  view: Omit<NamespaceView, 'namespacesMatching'>,
): Obstacle | undefined {
  const isOwn = namespace === store.metadata.namespace
  if (namespace.startsWith('kube-') || namespace === view.operatorNamespace) return isOwn ? 'unfit' : 'reserved'
  if (isOwn) return undefined
  if (view.watched) return limitedObstacle(store, namespace, view.watched)
  const labels = view.namespaceLabels(namespace)
  // Without a namespace there are no labels, which alone tell whether a selector allows it.
  const isOpen = !labels && store.spec.allowedNamespaces?.from === 'Selector'
  if (!isOpen && !mayReference(store, namespace, labels)) return 'refused'
  if (!labels) return 'missing'
  if (!view.isRecipient(labels)) return 'closed'
  return view.isTerminating(namespace) ? 'terminating' : undefined
}

/** Who lists a namespace in `--watch-namespaces`, and gives the operator its Roles there, consents to its Secrets. */
function limitedObstacle(store: ArtifactStore, namespace: string, watched: NamespaceLimit): Obstacle | undefined {
  if (!watched.has(namespace)) return 'unwatched'
  if (!mayReference(store, namespace, undefined)) return 'refused'
  return watched.isRead(namespace) ? undefined : 'unread'
}

/** The namespaces that one failure is about. */
interface Named {
  field: string
  namespaces: string[]
  /** The same, for people. */
  list: string
}

const FAILURES: Record<Obstacle, (named: Named, view: Pick<StoreView, 'recipientLabels'>) => Failure> = {
  unfit: ({ field, list }) =>
    stalled(
      'NamespaceNotAllowed',
      `${field}: ${list}: namespaces of Kubernetes (kube-*) and of the operator get no Secrets of stores: move the store to another namespace`,
    ),
  reserved: ({ field, list }) =>
    stalled(
      'NamespaceNotAllowed',
      `${field}: ${list}: namespaces of Kubernetes (kube-*) and of the operator get no Secrets of stores elsewhere: remove it`,
    ),
  unwatched: ({ field, list }) =>
    stalled(
      'NamespaceNotWatched',
      `${field}: ${list}: not among the namespaces of the operator: have its administrator add it to --watch-namespaces, with its Roles, or remove it here`,
    ),
  unread: ({ field, list }) =>
    waiting(
      'NamespaceNotFound',
      `${field}: ${list}: there is no such namespace, or it gives the operator no Roles: create it with the Roles of deploy/components/watched-namespaces, or remove it; its Secret follows it soon`,
    ),
  refused: ({ field, list }) =>
    stalled(
      'NamespaceNotAllowed',
      `${field}: ${list}: not allowed by spec.allowedNamespaces: allow it there (from: All, or Selector with a label that it has), or remove it here`,
    ),
  missing: ({ field, list }) =>
    waiting(
      'NamespaceNotFound',
      `${field}: ${list}: there is no such namespace: create it, or remove it; its Secret follows it at once`,
    ),
  closed: ({ field, list, namespaces }, { recipientLabels }) =>
    stalled(
      'NamespaceNotRecipient',
      `${field}: ${list}: accept no Secrets of stores elsewhere: have an administrator run "${labelling(namespaces, recipientLabels)}", or remove them here`,
    ),
  terminating: ({ field, list }) =>
    waiting('NamespaceTerminating', `${field}: ${list}: the namespace is being deleted: remove it, or create it anew`),
}

const labelling = (namespaces: string[], labels: StoreView['recipientLabels']): string =>
  `kubectl label namespace ${namespaces.join(' ')} --overwrite ${Object.entries(labels)
    .map(pair => pair.join('='))
    .join(' ')}`

/** Explains the namespaces that are left out: one Failure names all of an entry that have the same cure. */
function excludedOf(
  field: string,
  names: string[],
  obstacleIn: ObstacleIn,
  view: Pick<StoreView, 'recipientLabels'>,
): Reach['excluded'] {
  const byObstacle = Map.groupBy(names.toSorted(), obstacleIn)
  return [...byObstacle].flatMap(([obstacle, namespaces]) => {
    if (!obstacle) return []
    const list = namespaces.map(name => `"${name}"`).join(', ')
    const failure = FAILURES[obstacle]({ field, namespaces, list }, view)
    return namespaces.map(namespace => ({ namespace, failure }))
  })
}

/** The `namespaces` of a store's entries. Its spec may not be valid. */
export function namespacesOf({ spec: { credentials } }: ArtifactStore): Namespaces[] {
  if (!Array.isArray(credentials)) return []
  return credentials.flatMap(entry => entry?.namespaces ?? [])
}

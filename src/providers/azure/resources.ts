/** Containers that an identity can list. */
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { matchesResource } from '../../api/resource-pattern.ts'
import { noProgress } from '../count-pages.ts'
import { isOk } from '../network/answer.ts'
import type { Resources, ResourcesRequest } from '../provider.ts'
import { isRejection } from '../rejection.ts'
import type { BlobCalls } from './calls.ts'
import { type Asked, failureOf } from './failures.ts'

type Calls = Pick<BlobCalls, 'containerPage' | 'listBlobs'>

const LIST_CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers/read'
/** Pages per list, of 1000 containers each. */
const PAGES_MAX = 20

interface Listed {
  containers: string[]
  /** The account has more containers than were looked at. */
  more: boolean
}

export async function listResources(
  calls: Calls,
  { patterns, max }: ResourcesRequest,
  context: Asked,
  signal: AbortSignal,
): Promise<Resources | Failure> {
  const found = await allContainers(calls, patterns, context, signal)
  if (isFailure(found)) return found
  // A service may name a container twice, but status may not.
  const containers = [...new Set(found.containers)]
  const wanted = containers.filter(name => isWanted(name, patterns, context.identity)).sort()
  const resources = wanted.slice(0, max).map(name => ({ uri: `az://${name}` }))
  return { kind: 'resources', resources, truncated: found.more || wanted.length > max }
}

async function allContainers(
  calls: Calls,
  patterns: string[],
  context: Asked,
  signal: AbortSignal,
): Promise<Listed | Failure> {
  const containers: string[] = []
  let next: string | undefined
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await calls.containerPage(next, signal)
    if (!isOk(answer) || !answer.value) {
      // A SAS token for one container may not ask the account at all.
      const refused = answer.status === 403 && context.identity.auth.kind === 'sasToken'
      const failure = refused ? undefined : failureOf(answer, context)
      if (failure) return failure
      const names = namesOf(patterns)
      return names.length > 0 ? namedContainers(calls, names, context, signal) : denied(context)
    }
    containers.push(...answer.value.containers)
    const { next: marker } = answer.value
    if (!marker) return { containers, more: false }
    if (marker === next) return endless(context)
    next = marker
  }
  return { containers, more: true }
}

/** For an identity that may not list the account: the containers that the connector names, one after the other. */
async function namedContainers(
  calls: Calls,
  names: string[],
  context: Asked,
  signal: AbortSignal,
): Promise<Listed | Failure> {
  const containers: string[] = []
  for (const container of names) {
    const answer = await calls.listBlobs(container, '', signal)
    const failure = failureOf(answer, { ...context, container })
    // Any other failure is about this container only, which is then left out.
    if (failure && (failure.intent === 'transient' || isRejection(failure))) return failure
    if (isOk(answer)) containers.push(container)
  }
  return { containers, more: false }
}

const namesOf = (patterns: string[]): string[] => [
  ...new Set(patterns.flatMap(pattern => /^\w{1,8}:\/\/([^*@]{1,255})(?:@|$)/.exec(pattern)?.[1] ?? [])),
]

/** Compared by a URI that names the account, as it matches patterns with and without one. */
function isWanted(container: string, patterns: string[], { accountName, blob }: Asked['identity']): boolean {
  const { hostname } = new URL(blob.url)
  const host = hostname.startsWith(`${accountName}.blob.`)
    ? hostname.replace('.blob.', '.dfs.')
    : `${accountName}.dfs.core.windows.net`
  const uri = `abfss://${container}@${host}`
  return patterns.length === 0 || patterns.some(pattern => matchesResource(pattern, uri))
}

const endless = ({ identity }: Asked): Failure =>
  stalled(
    'ListingFailed',
    `${noProgress(identity.blob.host, 'its containers')}: name containers without "*" in spec.resources`,
  )

const denied = ({ identity, who }: Asked): Failure =>
  stalled(
    'PermissionDenied',
    `${LIST_CONTAINERS} denied on storage account "${identity.accountName}" for ${who}: allow it, or name containers without "*" in spec.resources`,
  )

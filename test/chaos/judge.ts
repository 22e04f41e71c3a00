/**
 * Pure: what kube-apiserver's audit log says of an operator that met a fault: writes by two leaders, lost updates, and
 * Secrets made twice. Each finding is a sentence; none quotes data.
 */
import {
  EXPIRES_AT_ANNOTATION,
  GRANT_ANNOTATION,
  ISSUED_AT_ANNOTATION,
  ROLE_LABEL,
  STORE_UID_LABEL,
} from '../../src/api/names.ts'

/** Annotation and condition with a number that only grows: others count in it, and nobody may set it back. */
export const MARK = 'chaos.example.com/mark'
export const MARK_CONDITION = 'chaos.example.com/Mark'
export const OPERATOR_USER = 'system:serviceaccount:artifact-store-system:artifact-store-operator'
const TOKEN_ID = 'authentication.kubernetes.io/credential-id'

export interface AuditedObject {
  metadata?: {
    name?: string
    uid?: string
    resourceVersion?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  spec?: { holderIdentity?: string }
  status?: { observedGeneration?: number; conditions?: { type: string; message: string }[] }
}

/** An event of the stage ResponseComplete. Times are RFC 3339 with microseconds. */
export interface AuditEvent {
  verb: string
  requestURI: string
  user: { username: string; extra?: Record<string, string[]> }
  objectRef?: { resource: string; namespace?: string; name?: string; subresource?: string }
  responseStatus?: { code?: number }
  requestReceivedTimestamp: string
  stageTimestamp: string
  responseObject?: AuditedObject
}

export interface Judgement {
  twoLeaders: string[]
  lostUpdates: string[]
  secretsTwice: string[]
}

export interface JudgeOptions {
  /**
   * The time after a Secret was written within which its credentials must not be replaced by others of the same grant,
   * in ms of the log. Undefined: this is not judged, as when clocks jump.
   */
  calmMs: number | undefined
}

/** `events`: of the API server's audit log, in any order. */
export function judge(events: readonly AuditEvent[], { calmMs }: JudgeOptions): Judgement {
  const writes = events
    .filter(({ verb, responseStatus, requestURI }) => {
      const { code = 0 } = responseStatus ?? {}
      return code >= 200 && code < 300 && !['get', 'list', 'watch'].includes(verb) && !requestURI.includes('dryRun=')
    })
    .toSorted((a, b) => a.stageTimestamp.localeCompare(b.stageTimestamp))
  return {
    twoLeaders: writesByTwo(writes),
    lostUpdates: lostUpdates(writes),
    secretsTwice: [...liveTwice(writes), ...(calmMs === undefined ? [] : replacedEarly(writes, calmMs))],
  }
}

const isOperator = ({ user }: AuditEvent): boolean => user.username === OPERATOR_USER
const isLease = ({ objectRef }: AuditEvent): boolean => objectRef?.resource === 'leases'
/** The process that sent a request: each has a token of its own. */
const processOf = ({ user }: AuditEvent): string => user.extra?.[TOKEN_ID]?.[0] ?? ''
const nameOf = ({ verb, objectRef }: AuditEvent): string =>
  `${verb} ${[objectRef?.resource, objectRef?.namespace, objectRef?.name, objectRef?.subresource].filter(Boolean).join('/')}`
const msOf = (time: string): number => Date.parse(time)

/**
 * Writes that came in after another process had begun to lead. It begins with its name in the Lease, or, where nobody
 * wrote a Lease, with its first write.
 */
function writesByTwo(writes: AuditEvent[]): string[] {
  const own = writes.filter(isOperator)
  const elected = own.some(isLease)
  const found: string[] = []
  let leader: { process: string; since: string } | undefined
  const before = new Set<string>()
  for (const write of own) {
    const process = processOf(write)
    const begins = elected ? isLease(write) && Boolean(write.responseObject?.spec?.holderIdentity) : !isOfSeal(write)
    if (begins && process !== leader?.process && !before.has(process)) {
      if (leader) before.add(leader.process)
      leader = { process, since: write.stageTimestamp }
    }
    if (isLease(write) || isOfSeal(write) || process === leader?.process) continue
    const late = leader && write.requestReceivedTimestamp > leader.since
    if (late || !before.has(process)) {
      found.push(
        `${nameOf(write)} at ${write.requestReceivedTimestamp}, while another process led since ${leader?.since}`,
      )
    }
  }
  return found
}

/** The key of the seals is made before anybody leads. */
const isOfSeal = ({ objectRef }: AuditEvent): boolean =>
  objectRef?.resource === 'secrets' && objectRef.namespace === 'artifact-store-system'

/** What only grows in an object, by name: marks of others, and what the operator must not set back. */
function growing({ metadata, status }: AuditedObject): Record<string, number> {
  const mark = status?.conditions?.find(({ type }) => type === MARK_CONDITION)?.message
  return Object.fromEntries(
    Object.entries({
      'the annotation of others': Number(metadata?.annotations?.[MARK]),
      'the condition of others': Number(mark),
      'the observed generation': Number(status?.observedGeneration),
      'the end of credentials': msOf(metadata?.annotations?.[EXPIRES_AT_ANNOTATION] ?? ''),
    }).filter(([, value]) => !Number.isNaN(value)),
  )
}

function lostUpdates(writes: AuditEvent[]): string[] {
  const found: string[] = []
  const known = new Map<string, Record<string, number>>()
  const changes = writes.filter(({ verb, responseObject }) => verb !== 'delete' && responseObject?.metadata?.uid)
  for (const write of changes.toSorted((a, b) => versionOf(a) - versionOf(b))) {
    const { responseObject = {} } = write
    const uid = responseObject.metadata?.uid ?? ''
    const [before, now] = [known.get(uid) ?? {}, growing(responseObject)]
    for (const [name, value] of Object.entries(before)) {
      if (!((now[name] ?? Number.NaN) >= value))
        found.push(`${nameOf(write)}: ${name} went from ${value} to ${now[name]}`)
    }
    known.set(uid, now)
  }
  return found
}

const versionOf = ({ responseObject }: AuditEvent): number => Number(responseObject?.metadata?.resourceVersion)

const isSecret = (write: AuditEvent): boolean => write.objectRef?.resource === 'secrets' && !isOfSeal(write)
/** A request that creates has no name in its path. */
const placeOf = ({ objectRef, responseObject }: AuditEvent): string =>
  `${objectRef?.namespace}/${objectRef?.name ?? responseObject?.metadata?.name}`

/** Secrets of one entry of one store in one namespace that were there at the same time under two names. */
function liveTwice(writes: AuditEvent[]): string[] {
  const found: string[] = []
  const live = new Map<string, string>()
  for (const write of writes.filter(isSecret)) {
    const { labels = {} } = write.responseObject?.metadata ?? {}
    const target = [labels[STORE_UID_LABEL], labels[ROLE_LABEL], write.objectRef?.namespace].join(' ')
    if (write.verb === 'delete') {
      for (const [known, place] of live) if (place === placeOf(write)) live.delete(known)
    } else if (labels[STORE_UID_LABEL]) {
      const other = live.get(target)
      const place = placeOf(write)
      if (other !== undefined && other !== place) found.push(`${place} was made beside ${other}`)
      live.set(target, place)
    }
  }
  return found
}

/** Credentials that were replaced by others for the same, long before it was time. */
function replacedEarly(writes: AuditEvent[], calmMs: number): string[] {
  const found: string[] = []
  const known = new Map<string, { grant: string; issued: string; at: string }>()
  for (const write of writes.filter(isSecret)) {
    const place = placeOf(write)
    if (write.verb === 'delete') {
      known.delete(place)
      continue
    }
    const { annotations = {} } = write.responseObject?.metadata ?? {}
    const [grant, issued] = [annotations[GRANT_ANNOTATION] ?? '', annotations[ISSUED_AT_ANNOTATION] ?? '']
    const before = known.get(place)
    if (before?.issued === issued) continue
    const after = before ? msOf(write.stageTimestamp) - msOf(before.at) : calmMs
    if (before?.grant === grant && after < calmMs) {
      found.push(`${nameOf(write)}: ${place} got other credentials for the same after ${after} ms`)
    }
    known.set(place, { grant, issued, at: write.stageTimestamp })
  }
  return found
}

/** Pure: connectors and stores -> what is wrong, in the order to mend it. One root cause is one finding. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import {
  type Condition,
  findCondition,
  ISOLATED,
  LEAST_PRIVILEGE,
  READY,
  RECONCILING,
  RESOURCES_LISTED,
  USAGE_MEASURED,
} from '../../api/conditions.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { REASONS, type ReasonRow } from '../known/index.ts'
import { healthOf, isWell } from '../overview/health.ts'
import type { ClusterFacts } from '../policy/facts.ts'
import type { Shell } from '../text/kubectl.ts'
import { type CloudCase, cloudCures } from './cloud-cures.ts'
import { connectorCures } from './connector-cures.ts'
import { type Cure, type Finding, outside, passes, type Subject, subjectOf, subjectWords } from './finding.ts'
import { storeCures } from './store-cures.ts'

export interface Patients {
  connectors: ServiceConnector[]
  stores: ArtifactStore[]
  /** Connectors that are not looked at, and that a store could use instead. */
  others?: ServiceConnector[]
  /** What policies depend on, by the key of the connector; absent where it was not asked for. */
  facts?: ReadonlyMap<string, ClusterFacts>
}

/** Why an object is not well, as its status says. */
interface Complaint {
  reason: string
  message: string
}

/** Reasons of stores whose connector has the cause. */
const OF_CONNECTOR = ['ConnectorNotReady', 'ConnectorSuspended']
const INFORMATIVE = [ISOLATED, USAGE_MEASURED, LEAST_PRIVILEGE, RESOURCES_LISTED]
const SUSPENDED = 'Suspended'

/** The same for the same objects, in whichever order they come: a list and a cache have them in different ones. */
export function diagnose(given: Patients, shell: Shell): Finding[] {
  const patients = { ...given, connectors: byKey(given.connectors), stores: byKey(given.stores) }
  const connectors = patients.connectors.map(connector => connectorFinding(connector, patients, shell))
  const stores = patients.stores.map(store => storeFinding(store, patients, shell))
  const cautions = [...patients.connectors, ...patients.stores].flatMap(object => cautionsOf(object, patients, shell))
  const wrong = [...connectors, ...stores].filter(finding => finding !== undefined)
  return [...inOrder(once(wrong)), ...once(cautions)]
}

const byKey = <T extends KubeObject>(objects: readonly T[]): T[] =>
  objects.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))

type WithConditions = KubeObject & { status?: { conditions?: Condition[] } }

/** Undefined: nobody needs to look at the object. */
function complaintOf(object: WithConditions): Complaint | undefined {
  const health = healthOf(object)
  if (health.reason === SUSPENDED) return undefined
  const ready = findCondition(object.status?.conditions, READY)
  if (!isWell(health)) return { reason: health.reason, message: health.message }
  const trouble = findCondition(object.status?.conditions, RECONCILING)
  // Work on a new spec is no trouble, and says the same as Ready.
  if (trouble?.status !== 'True' || trouble.message === ready?.message || trouble.reason === 'Progressing')
    return undefined
  return { reason: trouble.reason, message: trouble.message }
}

/** Cures at the cloud, where the facts are known that they are made from. */
function atCloud(
  given: Omit<CloudCase, 'facts' | 'stores'>,
  { stores, facts }: Pick<Patients, 'stores' | 'facts'>,
): Cure[] {
  const key = keyOf(given.connector)
  const known = facts?.get(key)
  const own = stores.filter(store => connectorKeyOf(store) === key)
  return known ? cloudCures({ ...given, facts: known, stores: own }) : []
}

function connectorFinding(connector: ServiceConnector, patients: Patients, shell: Shell): Finding | undefined {
  const { stores } = patients
  const complaint = complaintOf(connector) ?? suspension(connector, stores)
  if (!complaint) return undefined
  const { reason, message } = complaint
  const cures = [
    ...connectorCures(connector, reason, message, shell),
    ...atCloud({ connector, reason, message, shell }, patients),
  ]
  const cloud = connector.spec.azure ? 'Azure' : 'S3'
  const explains = stores.filter(store => isCausedBy(store, connector)).map(subjectOfStore)
  return {
    ...subjectOf('connector', connector),
    ...complaint,
    ...told(reason, cloud, cures),
    isCaution: false,
    explains,
  }
}

/** A suspended connector is no trouble, unless a store waits for it. */
function suspension(connector: ServiceConnector, stores: ArtifactStore[]): Complaint | undefined {
  if (healthOf(connector).reason !== SUSPENDED && !connector.spec.suspend) return undefined
  const waiting = stores.find(store => isCausedBy(store, connector))
  return waiting && { reason: 'ConnectorSuspended', message: healthOf(waiting).message }
}

const isCausedBy = (store: ArtifactStore, connector: ServiceConnector): boolean =>
  connectorKeyOf(store) === keyOf(connector) && OF_CONNECTOR.includes(complaintOf(store)?.reason ?? '')

function storeFinding(store: ArtifactStore, patients: Patients, shell: Shell): Finding | undefined {
  const complaint = complaintOf(store)
  if (!complaint) return undefined
  const { reason } = complaint
  const connector = patients.connectors.find(one => keyOf(one) === connectorKeyOf(store))
  if (OF_CONNECTOR.includes(reason)) {
    if (connector && (complaintOf(connector) ?? suspension(connector, patients.stores))) return undefined
    const cure = connector
      ? passes('wait: its connector works again, and the store is about to be looked at')
      : outside(`have the owner of connector "${connectorKeyOf(store)}" run "kubectl artifactstore doctor" there`)
    return { ...subjectOfStore(store), ...complaint, cures: [cure], isCaution: false, explains: [] }
  }
  const cures = curesOfStore(store, complaint, patients, shell)
  return {
    ...subjectOfStore(store),
    ...complaint,
    ...told(reason, cloudOf(store), cures),
    isCaution: false,
    explains: [],
  }
}

function curesOfStore(store: ArtifactStore, { reason, message }: Complaint, patients: Patients, shell: Shell): Cure[] {
  const connector = patients.connectors.find(one => keyOf(one) === connectorKeyOf(store))
  return [
    ...storeCures(store, { reason, message }, surroundingsOf(store, connector, patients), shell),
    ...(connector ? atCloud({ connector, store, reason, message, shell }, patients) : []),
  ]
}

const cloudOf = ({ spec: { path } }: ArtifactStore): ReasonRow['cloud'] => (path.startsWith('s3://') ? 'S3' : 'Azure')

function surroundingsOf(store: ArtifactStore, connector: ServiceConnector | undefined, patients: Patients) {
  const { connectors, others = [] } = patients
  const candidates = [...connectors, ...others].filter(
    ({ metadata, spec, status }) =>
      metadata.namespace === store.metadata.namespace &&
      keyOf({ metadata }) !== connectorKeyOf(store) &&
      (spec.azure ? 'Azure' : 'S3') === cloudOf(store) &&
      findCondition(status?.conditions, READY)?.status === 'True',
  )
  return {
    ...(connector ? { connector } : {}),
    candidates: [...new Set(candidates.map(({ metadata }) => metadata.name))],
  }
}

function cautionsOf(object: ServiceConnector | ArtifactStore, patients: Patients, shell: Shell): Finding[] {
  const store = 'path' in object.spec ? (object as ArtifactStore) : undefined
  const subject = store ? subjectOfStore(store) : subjectOf('connector', object)
  const found = (object.status?.conditions ?? []).filter(
    ({ type, status }) => INFORMATIVE.includes(type) && status === 'False',
  )
  return found.map(({ reason, message }) => {
    const cures = store
      ? curesOfStore(store, { reason, message }, patients, shell)
      : connectorCures(object as ServiceConnector, reason, message, shell)
    const cloud = store ? cloudOf(store) : (object as ServiceConnector).spec.azure ? 'Azure' : 'S3'
    return { ...subject, reason, message, ...told(reason, cloud, cures), isCaution: true, explains: [] }
  })
}

/** What is not cured by a command has the cure of the table of troubleshooting. */
function told(
  reason: string,
  cloud: ReasonRow['cloud'],
  cures: Cure[],
): Pick<Finding, 'cures'> & Pick<Partial<Finding>, 'document'> {
  const rows = REASONS.filter(row => row.reason === reason)
  const row = rows.find(row => row.cloud === cloud) ?? rows[0]
  const see = row ? { document: row.document } : {}
  if (cures.length > 0) return { cures, ...see }
  return { cures: [otherCure(reason, row?.cure)], ...see }
}

const NOTHING = /^(nothing\b|wait$)/

function otherCure(reason: string, cure: string | undefined): Cure {
  if (reason === 'NotSeen') return outside('see whether the operator runs: "kubectl artifactstore doctor --install"')
  if (reason === 'Progressing') return passes('wait: the operator is at work')
  if (cure === undefined) return outside('do what the message says')
  return NOTHING.test(cure) ? passes(cure) : outside(cure)
}

const subjectOfStore = (store: ArtifactStore): Subject => subjectOf('store', store)

/** Findings with the same command, or the same words, are one: the first tells of the others. */
function once(findings: Finding[]): Finding[] {
  const groups = Map.groupBy(findings, causeOf)
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const more = others.flatMap(({ kind, namespace, name, explains }) => [{ kind, namespace, name }, ...explains])
    return [{ ...first, explains: [...first.explains, ...more] }]
  })
}

function causeOf(finding: Finding): string {
  const commands = finding.cures.flatMap(({ commands }) => commands)
  const what = commands.length > 0 ? commands : [finding.message]
  return JSON.stringify([finding.reason, finding.isCaution, ...(finding.reason === 'NotSeen' ? [] : what)])
}

/** What nobody looks at comes first, then connectors before stores, and what explains most before the others. */
const inOrder = (findings: Finding[]): Finding[] =>
  findings.toSorted(
    (one, other) =>
      rankOf(one) - rankOf(other) ||
      other.explains.length - one.explains.length ||
      (subjectWords(one) < subjectWords(other) ? -1 : 1),
  )

const rankOf = ({ kind, reason, cures }: Finding): number => {
  if (kind === 'installation' || reason === 'NotSeen') return 0
  if (cures.every(({ place }) => place === 'none')) return 3
  return kind === 'connector' ? 1 : 2
}

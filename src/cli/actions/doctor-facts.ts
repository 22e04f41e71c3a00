/** Reads what cures at the cloud are made from, for connectors that need such a cure. */
import { connectorKeyOf } from '../../api/artifact-store.ts'
import type { Condition } from '../../api/conditions.ts'
import { keyOf } from '../../api/object.ts'
import { inTurns } from '../../async/in-turns.ts'
import type { Cluster } from '../cluster/connect.ts'
import { CLOUD_REASONS } from '../doctor/cloud-cures.ts'
import type { ClusterFacts } from '../policy/facts.ts'
import { factsOfPeers } from '../policy/peers.ts'
import { readFacts } from './read-facts.ts'
import { type Objects, readAround } from './read-overview.ts'

const AT_ONCE = 6

/** How what is needed is read. */
export interface Readers {
  facts: typeof readFacts
  around: typeof readAround
}

const READERS: Readers = { facts: readFacts, around: readAround }

/** The same objects, with facts. What may not be read is a variable in the cure. */
export async function withFacts<O extends Objects>(
  cluster: Cluster,
  objects: O,
  signal: AbortSignal,
  read: Readers = READERS,
): Promise<O & { facts: ReadonlyMap<string, ClusterFacts> }> {
  const keys = new Set([
    ...objects.connectors.filter(isForCloud).map(keyOf),
    ...objects.stores.filter(isForCloud).map(connectorKeyOf),
  ])
  const connectors = objects.connectors.filter(connector => keys.has(keyOf(connector)))
  if (connectors.length === 0) return { ...objects, facts: new Map() }
  const around = cluster.namespace === undefined ? objects : await read.around(cluster, signal)
  const facts = await inTurns(connectors, AT_ONCE, async connector => {
    const { facts } = await read.facts(cluster, connector, signal)
    return [keyOf(connector), { ...facts, ...factsOfPeers(connector, around) }] as const
  })
  return { ...objects, facts: new Map(facts) }
}

const isForCloud = ({ status }: { status?: { conditions?: Condition[] } }): boolean =>
  (status?.conditions ?? []).some(({ reason }) => CLOUD_REASONS.has(reason))

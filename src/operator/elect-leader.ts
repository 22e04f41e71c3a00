/** The leader election of the operator's replicas, by a Lease in the operator's own namespace. */
import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import { createClient } from '../kube/kube-client.ts'
import type { Transport } from '../kube/transport.ts'
import { systemClock } from '../runtime/clock.ts'
import { createLeader, type Leader } from '../runtime/leader.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface LeaderParts {
  namespace: string
  transport: Transport
  log: Logger
  metrics: Metrics
}

/** Elects with a client of its own, which may always write: the other may write only while this replica leads. */
export const electLeader = (
  { instance }: Pick<Config, 'instance'>,
  { namespace, transport, log, metrics }: LeaderParts,
): Leader =>
  createLeader({
    ...{ clock: systemClock, random: Math.random, log },
    client: createClient(transport),
    namespace,
    name: 'artifact-store-operator',
    identity: `${instance}_${randomUUID()}`,
    leading: metrics.leading,
  })

/** What the operator and the API server have counted since they started. */
import type { ControlPlane } from '../cluster/control-plane.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { sumOf } from '../support/prometheus.ts'

export interface Counters {
  /** Calls of object stores and their token services, and the time that they took. */
  provider: number
  providerSeconds: number
  /** Those of them that went to STS. */
  sts: number
  kube: number
  statusWrites: number
  secretWrites: number
  events: number
  cpuSeconds: number
  apiServerCpuSeconds: number
  /** Bytes of the bodies that the operator has sent to the API server. */
  bytesWritten: number
  /** Time that the API server took for requests which a store waits for: its creation, Secrets and statuses. */
  apiServerSeconds: number
}

const STS = ['AssumeRole', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetFederationToken', 'GetCallerIdentity']
/** What only the operator writes while stores are created. */
const WRITTEN = [
  { resource: 'artifactstores', verb: 'patch' },
  { resource: 'artifactstores', verb: 'update' },
  { resource: 'serviceconnectors', verb: 'patch' },
  { resource: 'serviceconnectors', verb: 'update' },
  { resource: 'secrets' },
  { resource: 'events' },
  { resource: 'serviceaccounts' },
]
const AWAITED = ['POST', 'PUT', 'PATCH', 'APPLY'].flatMap(verb =>
  ['artifactstores', 'secrets'].map(resource => ({ verb, resource })),
)

/** An operator of somebody else counts nothing but `cpuSeconds` of its own. */
export async function countersOf(
  operator: Pick<OperatorProcess, 'metrics'>,
  { request }: ControlPlane,
): Promise<Counters> {
  const [own, { text }] = await Promise.all([operator.metrics(), request('GET', '/metrics')])
  const sum = (name: string, labels?: Record<string, string>) => sumOf(own, `artifactstore_${name}`, labels)
  const sumAll = (name: string, labels: Record<string, string>[]) =>
    labels.reduce((all, each) => all + sumOf(text, name, each), 0)
  return {
    provider: sum('provider_requests_total'),
    providerSeconds: sum('provider_request_duration_seconds_sum'),
    sts: STS.reduce((all, operation) => all + sum('provider_requests_total', { operation }), 0),
    kube: sum('kube_requests_total'),
    statusWrites: sum('status_writes_total', { controller: 'artifactstore' }),
    secretWrites: sum('secret_writes_total'),
    events: sum('events_total', { result: 'sent' }),
    cpuSeconds: sumOf(own, 'process_cpu_seconds_total'),
    apiServerCpuSeconds: sumOf(text, 'process_cpu_seconds_total'),
    bytesWritten: sumAll('apiserver_request_body_size_bytes_sum', WRITTEN),
    apiServerSeconds: sumAll('apiserver_request_duration_seconds_sum', AWAITED),
  }
}

/** What was counted from one time to another. */
export const minus = (after: Counters, before: Counters): Counters =>
  Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Counters]]),
  ) as never

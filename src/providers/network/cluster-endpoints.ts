/** Pure: endpoints of the cluster itself, which no connector may name. */

/** An API server, as the operator or its pod's environment names it. */
export interface ApiServer {
  /** Name in lower case, or address without brackets. */
  host: string
  port: number
}

/** Ports of kubelets: the one that runs commands in pods, and the one that only tells. No S3 service has them. */
export const KUBELET_PORTS: readonly number[] = [10250, 10255]

/** Names that every cluster gives to its API server. Pods may add the domain of the cluster, whatever it is. */
export const isApiServerName = (host: string): boolean =>
  host === 'kubernetes' || /^kubernetes\.default(\.svc(\..{1,253})?)?$/.test(host)

/** `server`: of the kubeconfig. `environment`: has the address of the API server in each pod. */
export function apiServersOf(server: URL, environment: Record<string, string | undefined>): ApiServer[] {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  const own = { host: bare(server.hostname), port: portOf(server) }
  return host ? [own, { host: bare(host), port: Number(port) }] : [own]
}

/** The port that a URL leads to, also where it names none. */
export const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'http:' ? 80 : 443))

const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '')

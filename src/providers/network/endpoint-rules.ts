/**
 * Pure: addresses that an endpoint may never have. A person who may create connectors must not make the operator call the
 * metadata service of its node or cloud, the API server, or a kubelet. S3-compatible services often have private or
 * loopback addresses: an administrator decides whether the operator refuses those, too, and which hosts may have them.
 */
import { rememberedTexts } from '../../async/remembered.ts'
import { AddressRanges, isAddress, type Range, rangeOf } from './address-ranges.ts'
import { type ApiServer, isApiServerName, KUBELET_PORTS, portOf } from './cluster-endpoints.ts'

/**
 * Besides what belongs to the node, the cloud or nobody, there are addresses at which no S3 service can be: those that
 * protocols own (192.0.0.0/24), that swallow what is sent to them (100::/64), that are programs for routers (5f00::/16),
 * and tunnels that were given up and lead wherever the address says (Teredo 2001::/32, 6to4 relays 192.88.99.0/24).
 */
const NEVER: readonly Range[] = [
  { network: '0.0.0.0', prefix: 8, what: 'an unspecified address' },
  { network: '169.254.0.0', prefix: 16, what: 'a link-local address' },
  { network: '100.100.100.200', prefix: 32, what: 'a cloud metadata address' },
  { network: '168.63.129.16', prefix: 32, what: 'a cloud metadata address' },
  { network: '192.0.0.192', prefix: 32, what: 'a cloud metadata address' },
  { network: '192.0.0.0', prefix: 24, what: 'an address of a protocol' },
  { network: '192.88.99.0', prefix: 24, what: 'a tunnel address' },
  { network: '224.0.0.0', prefix: 4, what: 'a multicast address' },
  { network: '240.0.0.0', prefix: 4, what: 'a reserved address' },
  { network: '::', prefix: 128, what: 'an unspecified address' },
  { network: '100::', prefix: 64, what: 'a discard address' },
  { network: '2001::', prefix: 32, what: 'a tunnel address' },
  { network: '5f00::', prefix: 16, what: 'a segment routing address' },
  { network: 'fe80::', prefix: 10, what: 'a link-local address' },
  { network: 'ff00::', prefix: 8, what: 'a multicast address' },
  { network: 'fd00:ec2::', prefix: 32, what: 'a cloud metadata address' },
  { network: 'fd20:ce::', prefix: 32, what: 'a cloud metadata address' },
]

export const API_SERVER = 'the API server of the cluster'

export interface EndpointRules {
  /**
   * Says what is wrong with an IP address; undefined when nothing is, and for a name. Ignores zone ids. `port`: the one
   * that is called there. `host`: the name or address in the endpoint's URL, which an administrator may have allowed.
   */
  refusedAddress(address: string, port?: number, host?: string): string | undefined
  /**
   * Says what is wrong with the host and port in an endpoint's URL; undefined when nothing is. The URL parser first turns
   * decimal, octal and hexadecimal forms into addresses. A name is checked later, when it is resolved.
   */
  refusedEndpoint(url: string): string | undefined
}

export interface EndpointRulesOptions {
  /** Ranges that are refused besides the ones that always are, but for hosts in `allowed`. */
  refused?: readonly Range[]
  /** Hosts, and suffixes that begin with a dot, that endpoints may have. Default: any host. */
  allowed?: readonly string[]
  /** Where the API server of the cluster is. */
  apiServers?: readonly ApiServer[]
}

export class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused'
}

const ENDPOINTS_REMEMBERED = 256

export function createEndpointRules(options: EndpointRulesOptions = {}): EndpointRules {
  const { refused = [], allowed = [], apiServers = [] } = options
  const never = new AddressRanges(NEVER)
  const byFlag = new AddressRanges(refused)
  const isAllowed = (host: string) => isListed(host, allowed)
  const servers = apiServers.map(({ host, port }) => ({
    port,
    range: new AddressRanges(isAddress(host) ? [rangeOf(host, API_SERVER)] : []),
  }))
  const isApiServer = (address: string, at: number | undefined) =>
    servers.some(({ port, range }) => port === at && range.find(address))

  function refusedAddress(address: string, port?: number, host = address): string | undefined {
    const what = never.find(address)?.what
    if (what || !isAddress(address.split('%')[0] ?? '')) return what
    if (isApiServer(address, port)) return API_SERVER
    return isAllowed(host) ? undefined : byFlag.find(address)?.what
  }

  function refusedEndpoint(url: string): string | undefined {
    const { hostname, port } = URL.canParse(url) ? parsed(url) : {}
    if (hostname === undefined) return 'not a URL'
    if (port !== undefined && KUBELET_PORTS.includes(port)) return `${port} is a port of kubelets`
    const isNamedSo = apiServers.some(server => server.port === port && server.host === hostname)
    if (isNamedSo || isApiServerName(hostname)) return `${hostname} is ${API_SERVER}`
    const what = refusedAddress(hostname, port)
    if (what) return `${hostname} is ${what}`
    const mayBeNamed = allowed.length === 0 || isAllowed(hostname)
    return mayBeNamed ? undefined : `${hostname} is not allowed by the operator's --allow-endpoints`
  }

  return {
    refusedAddress,

    // Each store asks for the endpoint of its connector.
    refusedEndpoint: rememberedTexts(refusedEndpoint, ENDPOINTS_REMEMBERED),
  }
}

/** Whether a host is in a list of hosts, and of suffixes that begin with a dot. */
export const isListed = (host: string, list: readonly string[]): boolean =>
  list.some(entry => (entry.startsWith('.') ? host.endsWith(entry) : host === entry))

/** The host without brackets and final dot, and the port that is called. */
function parsed(text: string): { hostname: string; port: number } {
  const url = new URL(text)
  return { hostname: url.hostname.replace(/^\[|\]$|\.$/g, ''), port: portOf(url) }
}

/** `https://minio:9000` in one way of writing it; other names as they are. */
export const originOf = (endpoint: string): string =>
  /^https?:\/\//i.test(endpoint) && URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint

/** `refusedEndpoint` of rules that only refuse what is always refused. */
export const { refusedEndpoint } = createEndpointRules()

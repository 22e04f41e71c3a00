/**
 * Addresses that an endpoint may never have: a person who may create connectors must not make the operator call the
 * metadata service of its node or cloud, the API server, or a kubelet. S3-compatible services often have private or
 * loopback addresses: an administrator decides whether the operator refuses those, too, and which hosts may have them.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Flights } from '../../async/flights.ts'
import { AddressRanges, type Range } from './address-ranges.ts'
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

const API_SERVER = 'the API server of the cluster'

export interface EndpointGuard {
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
  /**
   * `dns.lookup` for sockets to a port. It fails if any address is refused, so that a name can't be given another one
   * later.
   */
  lookupFor(port: number): LookupFunction
}

/** Resolves a name like `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface EndpointGuardOptions {
  /** Ranges that are refused besides the ones that always are, but for hosts in `allowed`. */
  refused?: readonly Range[]
  /** Hosts, and suffixes that begin with a dot, that endpoints may have. Default: any host. */
  allowed?: readonly string[]
  /** Where the API server of the cluster is. */
  apiServers?: readonly ApiServer[]
  /** Default: `dns.lookup`. */
  resolve?: Resolve
}

export class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused'
}

export function createEndpointGuard(options: EndpointGuardOptions = {}): EndpointGuard {
  const { refused = [], allowed = [], apiServers = [], resolve = dnsLookup } = options
  const never = new AddressRanges(NEVER)
  const byFlag = new AddressRanges(refused)
  // Lookups are shared: each takes one of the few threads for them, and takes it for long where DNS does not answer.
  const lookups = new Flights<LookupAddress[]>()
  const lookUp = (host: string, options: LookupAllOptions) =>
    lookups.share(JSON.stringify([host, options]), () => resolved(resolve, host, options))

  const isAllowed = (host: string) => isListed(host, allowed)
  const servers = apiServers.map(({ host, port }) => ({
    port,
    range: new AddressRanges(isIP(host) ? [only(host)] : []),
  }))
  const isApiServer = (address: string, at: number | undefined) =>
    servers.some(({ port, range }) => port === at && range.find(address))

  function refusedAddress(address: string, port?: number, host = address): string | undefined {
    const what = never.find(address)?.what
    if (what || isIP(address.split('%')[0] ?? '') === 0) return what
    if (isApiServer(address, port)) return API_SERVER
    return isAllowed(host) ? undefined : byFlag.find(address)?.what
  }

  /** Addresses of the API server where only a name of it is known: whoever names it otherwise gives it the same ones. */
  async function apiServersAt(port: number, options: LookupAllOptions): Promise<Set<string>> {
    const names = apiServers.filter(server => server.port === port && isIP(server.host) === 0)
    const found = await Promise.all(names.map(({ host }) => lookUp(host, options).catch(() => [])))
    return new Set(found.flat().map(({ address }) => address))
  }

  return {
    refusedAddress,

    refusedEndpoint(url) {
      const { hostname, port } = URL.canParse(url) ? parsed(url) : {}
      if (hostname === undefined) return 'not a URL'
      if (port !== undefined && KUBELET_PORTS.includes(port)) return `${port} is a port of kubelets`
      const isNamedSo = apiServers.some(server => server.port === port && server.host === hostname)
      if (isNamedSo || isApiServerName(hostname)) return `${hostname} is ${API_SERVER}`
      const what = refusedAddress(hostname, port)
      if (what) return `${hostname} is ${what}`
      const mayBeNamed = allowed.length === 0 || isAllowed(hostname)
      return mayBeNamed ? undefined : `${hostname} is not allowed by the operator's --allow-endpoints`
    },

    lookupFor: port => (hostname, options, callback) => {
      const all = { ...options, all: true as const }
      const judge = ([addresses, forbidden]: [LookupAddress[], Set<string>]) => {
        for (const { address } of addresses) {
          const what = forbidden.has(address) ? API_SERVER : refusedAddress(address, port, hostname)
          if (what) return callback(new EndpointRefused(`${hostname} resolves to ${address}, ${what}`), [])
        }
        const [first] = addresses as [LookupAddress]
        return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
      }
      Promise.all([lookUp(hostname, all), apiServersAt(port, all)]).then(judge, error => callback(error, []))
    },
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

const only = (address: string): Range => ({
  network: address,
  prefix: isIP(address) === 6 ? 128 : 32,
  what: API_SERVER,
})

const resolved = (resolve: Resolve, hostname: string, options: LookupAllOptions): Promise<LookupAddress[]> =>
  new Promise((pass, fail) => {
    resolve(hostname, options, (error, addresses) => (error ? fail(error) : pass(addresses)))
  })

/** A guard that refuses nothing, for endpoints that an administrator has given. */
export const NO_GUARD: EndpointGuard = {
  refusedAddress: () => undefined,
  refusedEndpoint: () => undefined,
  lookupFor: () => dnsLookup as LookupFunction,
}

/** `refusedEndpoint` of a guard that only refuses what is always refused. */
export const { refusedEndpoint } = createEndpointGuard()

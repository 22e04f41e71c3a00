/**
 * Addresses that an endpoint may never have: a person who may create connectors must not make the operator call the
 * metadata service of its node or cloud. S3-compatible services often have private or loopback addresses: an
 * administrator decides whether the operator refuses those, too.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Flights } from '../../async/flights.ts'
import { AddressRanges, type Range } from './address-ranges.ts'

const NEVER: readonly Range[] = [
  { network: '0.0.0.0', prefix: 8, what: 'an unspecified address' },
  { network: '169.254.0.0', prefix: 16, what: 'a link-local address' },
  { network: '100.100.100.200', prefix: 32, what: 'a cloud metadata address' },
  { network: '168.63.129.16', prefix: 32, what: 'a cloud metadata address' },
  { network: '192.0.0.192', prefix: 32, what: 'a cloud metadata address' },
  { network: '224.0.0.0', prefix: 4, what: 'a multicast address' },
  { network: '240.0.0.0', prefix: 4, what: 'a reserved address' },
  { network: '::', prefix: 128, what: 'an unspecified address' },
  { network: 'fe80::', prefix: 10, what: 'a link-local address' },
  { network: 'ff00::', prefix: 8, what: 'a multicast address' },
  { network: 'fd00:ec2::', prefix: 32, what: 'a cloud metadata address' },
  { network: 'fd20:ce::', prefix: 32, what: 'a cloud metadata address' },
]

export interface EndpointGuard {
  /** Says what is wrong with an IP address; undefined when nothing is, and for a name. Ignores zone ids. */
  refusedAddress(address: string): string | undefined
  /**
   * Says what is wrong with the host in an endpoint's URL; undefined when nothing is. The URL parser first turns
   * decimal, octal and hexadecimal forms into addresses. A name is checked later, when it is resolved.
   */
  refusedEndpoint(url: string): string | undefined
  /** `dns.lookup` for sockets that fails if any address is refused, so that a name can't be given another one later. */
  lookup: LookupFunction
}

/** Resolves a name like `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface EndpointGuardOptions {
  /** Ranges that are refused besides the ones that always are. */
  refused?: readonly Range[]
  /** Hosts, and suffixes that begin with a dot, that endpoints may have. Default: any host. */
  allowed?: readonly string[]
  /** Default: `dns.lookup`. */
  resolve?: Resolve
}

export class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused'
}

export function createEndpointGuard(options: EndpointGuardOptions = {}): EndpointGuard {
  const { refused = [], allowed = [], resolve = dnsLookup } = options
  const ranges = new AddressRanges([...NEVER, ...refused])
  const refusedAddress = (address: string) => ranges.find(address)?.what
  // Lookups are shared: each takes one of the few threads for them, and takes it for long where DNS does not answer.
  const lookups = new Flights<LookupAddress[]>()

  return {
    refusedAddress,

    refusedEndpoint(url) {
      if (!URL.canParse(url)) return 'not a URL'
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
      const what = refusedAddress(host)
      if (what) return `${host} is ${what}`
      const isAllowed = allowed.length === 0 || allowed.some(entry => isHost(entry, host))
      return isAllowed ? undefined : `${host} is not allowed by the operator's --allow-endpoints`
    },

    lookup(hostname, options, callback) {
      const judge = (addresses: LookupAddress[]) => {
        for (const { address } of addresses) {
          const what = refusedAddress(address)
          if (what) return callback(new EndpointRefused(`${hostname} resolves to ${address}, ${what}`), [])
        }
        const [first] = addresses as [LookupAddress]
        return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
      }
      const all = { ...options, all: true as const }
      lookups
        .share(JSON.stringify([hostname, all]), () => resolved(resolve, hostname, all))
        .then(judge, error => callback(error, []))
    },
  }
}

const isHost = (entry: string, host: string): boolean => (entry.startsWith('.') ? host.endsWith(entry) : host === entry)

const resolved = (resolve: Resolve, hostname: string, options: LookupAllOptions): Promise<LookupAddress[]> =>
  new Promise((pass, fail) => {
    resolve(hostname, options, (error, addresses) => (error ? fail(error) : pass(addresses)))
  })

/** A guard that refuses nothing, for endpoints that an administrator has given. */
export const NO_GUARD: EndpointGuard = {
  refusedAddress: () => undefined,
  refusedEndpoint: () => undefined,
  lookup: dnsLookup as LookupFunction,
}

/** `refusedEndpoint` of a guard that only refuses what is always refused. */
export const { refusedEndpoint } = createEndpointGuard()

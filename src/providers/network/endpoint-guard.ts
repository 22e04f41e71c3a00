/**
 * Addresses that an endpoint may never have: a person who may create connectors must not make the operator call the
 * metadata service of its node or cloud. Private and loopback addresses are where S3-compatible services live: an
 * administrator decides whether they are refused, too.
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
  /** What is wrong with an IP address, or undefined, also for a name. Zone ids are ignored. */
  refusedAddress(address: string): string | undefined
  /**
   * What is wrong with the host of an endpoint's URL as it is written, or undefined. The URL parser turns decimal,
   * octal and hexadecimal forms into addresses first. Names are checked when they are resolved.
   */
  refusedEndpoint(url: string): string | undefined
  /** For sockets: like `dns.lookup`, but fails if any address is refused, so a name can't be rebound later. */
  lookup: LookupFunction
}

/** As `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface EndpointGuardOptions {
  /** What is refused besides. */
  refused?: readonly Range[]
  /** Hosts, and suffixes that begin with a dot; no endpoint may have another. Empty: all may be. */
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
  // Each holds one of the few threads that look names up, and a name whose DNS is silent holds it for long.
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

/** Refuses nothing: for what an administrator has allowed. */
export const NO_GUARD: EndpointGuard = {
  refusedAddress: () => undefined,
  refusedEndpoint: () => undefined,
  lookup: dnsLookup as LookupFunction,
}

/** By what is refused everywhere. */
export const { refusedEndpoint } = createEndpointGuard()

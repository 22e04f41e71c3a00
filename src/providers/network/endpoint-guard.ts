/** The lookup of names for sockets, which refuses the addresses that endpoint-rules.ts refuses. */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Flights } from '../../async/flights.ts'
import { isAddress } from './address-ranges.ts'
import {
  API_SERVER,
  createEndpointRules,
  EndpointRefused,
  type EndpointRules,
  type EndpointRulesOptions,
} from './endpoint-rules.ts'

export interface EndpointGuard extends EndpointRules {
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

export interface EndpointGuardOptions extends EndpointRulesOptions {
  /** Default: `dns.lookup`. */
  resolve?: Resolve
}

export function createEndpointGuard(options: EndpointGuardOptions = {}): EndpointGuard {
  const { apiServers = [], resolve = dnsLookup } = options
  const rules = createEndpointRules(options)
  // Lookups are shared: each takes one of the few threads for them, and takes it for long where DNS does not answer.
  const lookups = new Flights<LookupAddress[]>()
  const lookUp = (host: string, options: LookupAllOptions) =>
    lookups.share(JSON.stringify([host, options]), () => resolved(resolve, host, options))

  /** Addresses of the API server where only a name of it is known: whoever names it otherwise gives it the same ones. */
  async function apiServersAt(port: number, options: LookupAllOptions): Promise<Set<string>> {
    const names = apiServers.filter(server => server.port === port && !isAddress(server.host))
    const found = await Promise.all(names.map(({ host }) => lookUp(host, options).catch(() => [])))
    return new Set(found.flat().map(({ address }) => address))
  }

  return {
    ...rules,

    lookupFor: port => (hostname, options, callback) => {
      const all = { ...options, all: true as const }
      const judge = ([addresses, forbidden]: [LookupAddress[], Set<string>]) => {
        for (const { address } of addresses) {
          const what = forbidden.has(address) ? API_SERVER : rules.refusedAddress(address, port, hostname)
          if (what) return callback(new EndpointRefused(`${hostname} resolves to ${address}, ${what}`), [])
        }
        const [first] = addresses as [LookupAddress]
        return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
      }
      Promise.all([lookUp(hostname, all), apiServersAt(port, all)]).then(judge, error => callback(error, []))
    },
  }
}

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

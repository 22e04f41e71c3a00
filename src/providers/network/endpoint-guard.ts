/** The lookup of names for sockets, which refuses the addresses that endpoint-rules.ts refuses. */
import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isAddress } from './address-ranges.ts'
import {
  API_SERVER,
  createEndpointRules,
  EndpointRefused,
  type EndpointRules,
  type EndpointRulesOptions,
} from './endpoint-rules.ts'
import { Lookups, type Resolve } from './lookups.ts'

export interface EndpointGuard extends EndpointRules {
  /**
   * `dns.lookup` for sockets to a port. It fails if any address is refused, so that a name can't be given another one
   * later. `owner`: namespace for whose connector it is.
   */
  lookupFor(port: number, owner?: string): LookupFunction
}

export type { Resolve } from './lookups.ts'

export interface EndpointGuardOptions extends EndpointRulesOptions {
  /** Default: `dns.lookup`. */
  resolve?: Resolve
}

/** Owner of lookups that are for no connector. No namespace is called so. */
const OPERATOR = ''

export function createEndpointGuard(options: EndpointGuardOptions = {}): EndpointGuard {
  const { apiServers = [], resolve = dnsLookup } = options
  const rules = createEndpointRules(options)
  const lookups = new Lookups(resolve)

  /** Addresses of the API server where only a name of it is known: whoever names it otherwise gives it the same ones. */
  async function apiServersAt(port: number, options: LookupAllOptions): Promise<Set<string>> {
    const names = apiServers.filter(server => server.port === port && !isAddress(server.host))
    const found = await Promise.all(names.map(({ host }) => lookups.lookUp(OPERATOR, host, options).catch(() => [])))
    return new Set(found.flat().map(({ address }) => address))
  }

  return {
    ...rules,

    lookupFor:
      (port, owner = OPERATOR) =>
      (hostname, options, callback) => {
        const all = { ...options, all: true as const }
        const judge = ([addresses, forbidden]: [LookupAddress[], Set<string>]) => {
          for (const { address } of addresses) {
            const what = forbidden.has(address) ? API_SERVER : rules.refusedAddress(address, port, hostname)
            if (what) return callback(new EndpointRefused(`${hostname} resolves to ${address}, ${what}`), [])
          }
          const [first] = addresses as [LookupAddress]
          return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
        }
        Promise.all([lookups.lookUp(owner, hostname, all), apiServersAt(port, all)]).then(judge, error =>
          callback(error, []),
        )
      },
  }
}

/** A guard that refuses nothing, for endpoints that an administrator has given. */
export const NO_GUARD: EndpointGuard = {
  refusedAddress: () => undefined,
  refusedEndpoint: () => undefined,
  lookupFor: () => dnsLookup as LookupFunction,
}

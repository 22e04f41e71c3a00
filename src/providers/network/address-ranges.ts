/** Ranges of IP addresses, and what they are called. */
import { BlockList, isIP } from 'node:net'
import { embeddedIn } from './embedded-ipv4.ts'

export interface Range {
  network: string
  /** How many leading bits of the address are the network. */
  prefix: number
  /** For messages: `a link-local address`. */
  what: string
}

/**
 * Ranges that the word `private` stands for. Some are not called so by the registries of IANA, but are used so: networks
 * for benchmarks (198.18.0.0/15, 2001:2::/48), and the site-local addresses that fc00::/7 has replaced (fec0::/10).
 */
const PRIVATE: readonly Omit<Range, 'what'>[] = [
  { network: '10.0.0.0', prefix: 8 },
  { network: '172.16.0.0', prefix: 12 },
  { network: '192.168.0.0', prefix: 16 },
  { network: '100.64.0.0', prefix: 10 },
  { network: '198.18.0.0', prefix: 15 },
  { network: '127.0.0.0', prefix: 8 },
  { network: '::1', prefix: 128 },
  { network: 'fc00::', prefix: 7 },
  { network: 'fec0::', prefix: 10 },
  { network: '2001:2::', prefix: 48 },
]

const BY_FLAG = '(refused by --refuse-endpoints)'

/** Turns `private`, a CIDR or an address into ranges; undefined for any other text. */
export function parseRange(text: string): Range[] | undefined {
  if (text === 'private') return PRIVATE.map(range => ({ ...range, what: `a private address ${BY_FLAG}` }))
  const [, network = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(network)
  const longest = family === 4 ? 32 : 128
  const prefix = Number(bits ?? longest)
  if (family === 0 || network.includes('%') || prefix > longest) return undefined
  return [{ network, prefix, what: `an address in ${network}/${prefix} ${BY_FLAG}` }]
}

/** Whether a text is an IP address. A zone id may be part of an IPv6 one. */
export const isAddress = (text: string): boolean => isIP(text) !== 0

/** The range of one address. */
export const rangeOf = (address: string, what: string): Range => ({
  network: address,
  prefix: isIP(address) === 6 ? 128 : 32,
  what,
})

export class AddressRanges {
  readonly #ranges: { range: Range; list: BlockList }[]

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges.map(range => ({ range, list: listOf(range) }))
  }

  /** Finds the first range that holds an address; undefined when none does, or for a name. Ignores zone ids. */
  find(address: string): Range | undefined {
    const [plain = ''] = address.split('%')
    if (isIP(plain) === 4) return this.#holder(plain, 'ipv4')
    if (isIP(plain) !== 6) return undefined
    const inside = embeddedIn(plain).map(ipv4 => this.#holder(ipv4, 'ipv4'))
    return this.#holder(plain, 'ipv6') ?? inside.find(range => range !== undefined)
  }

  #holder(address: string, family: 'ipv4' | 'ipv6'): Range | undefined {
    return this.#ranges.find(({ list }) => list.check(address, family))?.range
  }
}

function listOf({ network, prefix }: Range): BlockList {
  const list = new BlockList()
  list.addSubnet(network, prefix, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list
}

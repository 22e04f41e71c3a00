/** Ranges of IP addresses, and what they are called. */
import { BlockList, isIP } from 'node:net'

export interface Range {
  network: string
  /** How many leading bits of the address are the network. */
  prefix: number
  /** For messages: `a link-local address`. */
  what: string
}

/** Ranges that the word `private` stands for. */
const PRIVATE: readonly Omit<Range, 'what'>[] = [
  { network: '10.0.0.0', prefix: 8 },
  { network: '172.16.0.0', prefix: 12 },
  { network: '192.168.0.0', prefix: 16 },
  { network: '100.64.0.0', prefix: 10 },
  { network: '127.0.0.0', prefix: 8 },
  { network: '::1', prefix: 128 },
  { network: 'fc00::', prefix: 7 },
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

export class AddressRanges {
  readonly #ranges: { range: Range; list: BlockList }[]

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges.map(range => ({ range, list: listOf(range) }))
  }

  /** Finds the first range that holds an address; undefined when none does, or for a name. Ignores zone ids. */
  find(address: string): Range | undefined {
    const [plain = ''] = address.split('%')
    const family = isIP(plain)
    if (family === 0) return undefined
    return this.#ranges.find(({ list }) => list.check(plain, family === 4 ? 'ipv4' : 'ipv6'))?.range
  }
}

function listOf({ network, prefix }: Range): BlockList {
  const list = new BlockList()
  if (isIP(network) === 6) {
    list.addSubnet(network, prefix, 'ipv6')
    return list
  }
  list.addSubnet(network, prefix, 'ipv4')
  for (const [embedded, bits] of inIpv6(network)) list.addSubnet(embedded, bits + prefix, 'ipv6')
  return list
}

/** IPv6 forms of an IPv4 network: compatible, translated, NAT64 and 6to4. Node itself checks mapped addresses. */
function inIpv6(network: string): [embedded: string, prefixBits: number][] {
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number)
  const hex = [a * 256 + b, c * 256 + d].map(part => part.toString(16)).join(':')
  const forms: [string, number][] = [
    [`64:ff9b::${network}`, 96],
    [`64:ff9b:1::${network}`, 96],
    [`::ffff:0:${network}`, 96],
    [`2002:${hex}::`, 16],
  ]
  // The compatible form of 0.0.0.0/8, ::/104, would hold ::1, which is loopback and not a form of 0.0.0.1.
  return a === 0 ? forms : [[`::${network}`, 96], ...forms]
}

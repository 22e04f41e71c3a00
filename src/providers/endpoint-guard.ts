/**
 * Addresses that an endpoint may never have: a person who may create connectors must not make the operator call the
 * metadata service of its node or cloud. Private and loopback addresses are where S3-compatible services live.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const REFUSED_V4: [network: string, prefix: number, what: string][] = [
  ['0.0.0.0', 8, 'an unspecified address'],
  ['169.254.0.0', 16, 'a link-local address'],
  ['100.100.100.200', 32, 'a cloud metadata address'],
  ['168.63.129.16', 32, 'a cloud metadata address'],
  ['192.0.0.192', 32, 'a cloud metadata address'],
  ['224.0.0.0', 4, 'a multicast address'],
  ['240.0.0.0', 4, 'a reserved address'],
]

const REFUSED_V6: [network: string, prefix: number, what: string][] = [
  ['::', 128, 'an unspecified address'],
  ['fe80::', 10, 'a link-local address'],
  ['ff00::', 8, 'a multicast address'],
  ['fd00:ec2::', 32, 'a cloud metadata address'],
  ['fd20:ce::', 32, 'a cloud metadata address'],
]

const refused = [
  ...REFUSED_V4.map(([network, prefix, what]) => ({ what, list: blocking(network, prefix, 'ipv4') })),
  ...REFUSED_V6.map(([network, prefix, what]) => ({ what, list: blocking(network, prefix, 'ipv6') })),
  ...REFUSED_V4.flatMap(([network, prefix, what]) =>
    inIpv6(network).map(([embedded, bits]) => ({ what, list: blocking(embedded, bits + prefix, 'ipv6') })),
  ),
]

/** What is wrong with an IP address, or undefined. Zone ids are ignored. */
export function refusedAddress(address: string): string | undefined {
  const [plain = ''] = address.split('%')
  const family = isIP(plain)
  if (family === 0) return undefined
  return refused.find(({ list }) => list.check(plain, family === 4 ? 'ipv4' : 'ipv6'))?.what
}

/**
 * What is wrong with the host of an endpoint's URL as it is written, or undefined. The URL parser turns decimal,
 * octal and hexadecimal forms into addresses first. Names are checked when they are resolved.
 */
export function refusedEndpoint(url: string): string | undefined {
  if (!URL.canParse(url)) return 'not a URL'
  const { hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const what = refusedAddress(host)
  return what && `${host} is ${what}`
}

export class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused'
}

/** For sockets: resolves like `dns.lookup`, and fails if any address is refused, so a name can't be rebound later. */
export function guardedLookup(resolve: typeof dnsLookup = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const bad = addresses.find(({ address }) => refusedAddress(address) !== undefined)
      if (bad) {
        return callback(
          new EndpointRefused(`${hostname} resolves to ${bad.address}, ${refusedAddress(bad.address)}`),
          [],
        )
      }
      const [first] = addresses as [LookupAddress]
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
}

function blocking(network: string, prefix: number, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  list.addSubnet(network, prefix, family)
  return list
}

/** The IPv6 forms that carry an IPv4 address on: compatible, NAT64 and 6to4. Node checks mapped ones itself. */
function inIpv6(network: string): [embedded: string, prefixBits: number][] {
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number)
  const hex = [a * 256 + b, c * 256 + d].map(part => part.toString(16)).join(':')
  const forms: [string, number][] = [
    [`64:ff9b::${network}`, 96],
    [`2002:${hex}::`, 16],
  ]
  // ::/104 holds ::1, which is loopback and no form of 0.0.0.1.
  return a === 0 ? forms : [[`::${network}`, 96], ...forms]
}

/** The IPv4 addresses that an IPv6 address stands for: a network may translate it, or tunnel to them. */
import { isIPv6 } from 'node:net'

/** Where an IPv6 address holds an IPv4 one. */
interface Form {
  /** Leading words of 16 bits that such addresses have. */
  prefix: readonly number[]
  /** Offsets of the four octets among the 16 of the address. */
  octets: readonly [number, number, number, number]
  /** Whether other bits of the prefix could be read as one, so that only what can be a host's address counts. */
  guessed?: boolean
}

const LAST = [12, 13, 14, 15] as const
/** RFC 8215: a network chooses any prefix in it, of any length that RFC 6052 knows. Octet 8 is never part of one. */
const LOCAL_NAT64 = [0x64, 0xff9b, 1]

const FORMS: readonly Form[] = [
  // Mapped, `::ffff:10.0.0.1`: sockets take it for the IPv4 address itself.
  { prefix: [0, 0, 0, 0, 0, 0xffff], octets: LAST },
  // Compatible, `::10.0.0.1`. Loopback, ::1, is not a form of 0.0.0.1.
  { prefix: [0, 0, 0, 0, 0, 0], octets: LAST, guessed: true },
  // Translated, `::ffff:0:10.0.0.1` (RFC 2765).
  { prefix: [0, 0, 0, 0, 0xffff, 0], octets: LAST },
  // NAT64, `64:ff9b::10.0.0.1` (RFC 6052).
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], octets: LAST },
  { prefix: LOCAL_NAT64, octets: LAST, guessed: true },
  { prefix: LOCAL_NAT64, octets: [9, 10, 11, 12], guessed: true },
  { prefix: LOCAL_NAT64, octets: [7, 9, 10, 11], guessed: true },
  { prefix: LOCAL_NAT64, octets: [6, 7, 9, 10], guessed: true },
  // 6to4, `2002:a00:1::` (RFC 3056).
  { prefix: [0x2002], octets: [2, 3, 4, 5] },
]

/** All IPv4 addresses that an IPv6 address may stand for. */
export function embeddedIn(address: string): string[] {
  const words = wordsOf(address)
  return FORMS.flatMap(({ prefix, octets, guessed = false }) => {
    if (!prefix.every((word, index) => word === words[index])) return []
    const found = octets.map(at => octetAt(words, at))
    return guessed && !isOfHost(found[0]) ? [] : [found.join('.')]
  })
}

/** Whether a host can have an address with this first octet: 0.0.0.0/8, multicast and reserved ones are nobody's. */
const isOfHost = (octet = 0): boolean => octet > 0 && octet < 224

const octetAt = (words: readonly number[], at: number): number => ((words[at >> 1] ?? 0) >> (at % 2 ? 0 : 8)) & 0xff

/** The eight words of an address in any notation: the URL parser writes each in one way, without dots. */
function wordsOf(address: string): number[] {
  if (!isIPv6(address)) throw new Error(`no IPv6 address: ${address}`)
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [head, tail ?? ''].map(part => (part === '' ? [] : part.split(':'))) as [string[], string[]]
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array<string>(zeros).fill('0'), ...after].map(word => Number.parseInt(word, 16))
}

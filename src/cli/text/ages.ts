/** Pure: times and amounts as people read them. */

const UNITS: [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
]

/** A duration in its two largest units: `2d3h`, `5m`, `0s`. */
export function ageOf(ms: number): string {
  let rest = Math.floor(Math.max(0, ms) / 1000)
  const parts: string[] = []
  for (const [name, seconds] of UNITS) {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    if (count > 0 || parts.length > 0) parts.push(count > 0 ? `${count}${name}` : '')
    // The second unit is told while the first is small enough for it to matter.
    if (parts.length === 2 || (parts.length === 1 && count >= 10)) break
  }
  return parts.join('') || '0s'
}

/** When something is, seen from now: `in 12m`, `5m ago`; empty without a time. */
export function seenFrom(now: Date, time: string | undefined): string {
  const ms = time === undefined ? Number.NaN : Date.parse(time)
  if (Number.isNaN(ms)) return ''
  const left = ms - now.getTime()
  return left >= 0 ? `in ${ageOf(left)}` : `${ageOf(-left)} ago`
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** Bytes in the unit in which they have one to four digits: `1.5 GiB`, which stays on one line. */
export function bytesOf(bytes: number): string {
  const power = bytes >= 1 ? Math.min(BYTES.length - 1, Math.floor(Math.log2(bytes) / 10)) : 0
  const amount = bytes / 2 ** (10 * power)
  return `${power > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)}\u00a0${BYTES[power]}`
}

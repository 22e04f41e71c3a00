/**
 * Puts the operator's clock and everything that it waits for into fast time, by Node's `--import`. Deadlines of calls
 * stay in this machine's time, as services are not faster, and so does the time in signatures, which services compare.
 */
import { systemClock } from '../../src/runtime/clock.ts'
import { FastTime } from './fast-time.ts'

const [speed = 1, start] = (process.env['FAST_TIME'] ?? '').split(' ').map(Number)
const time = new FastTime(speed, start)
const { monotonic, after } = systemClock

Object.assign(systemClock, {
  now: () => time.now(),
  monotonic: () => monotonic() * speed,
  after: (ms: number, run: () => void) => after(ms / speed, run),
} satisfies typeof systemClock)

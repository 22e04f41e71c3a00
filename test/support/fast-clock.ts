/**
 * For Node's `--import`: the operator's clock and all that it waits for are in fast time. Deadlines of calls are not, as
 * the services are no faster for it; nor is the time in signatures, which services compare with theirs.
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

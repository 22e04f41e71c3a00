/** Time that passes faster than this machine's: hours of an operator's life pass in a minute. */
import type { Program } from './operator-process.ts'
import { project } from './project.ts'

/** This machine's clock, also where `Date` is set wrong afterwards. */
const { now: realNow } = Date

export class FastTime {
  readonly speed: number
  readonly #start: number

  /** `start`: the start of fast time in ms since the epoch, when both times are the same. */
  constructor(speed: number, start = realNow()) {
    this.speed = speed
    this.#start = start
  }

  /** The fast time now, in ms since the epoch. */
  now(): number {
    return this.#start + (realNow() - this.#start) * this.speed
  }

  /** The end in fast time of something that has as much time left as there is until `end` in this machine's time. */
  endOf(end: Date): Date {
    return new Date(this.now() + end.getTime() - realNow())
  }

  /** The program of an operator that lives in fast time. */
  program(): Program {
    const nodeFlags = [`--import=${project('test/support/fast-clock.ts')}`]
    return { main: 'src/main.ts', nodeFlags, env: { FAST_TIME: `${this.speed} ${this.#start}` } }
  }
}

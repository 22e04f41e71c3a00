/** Time that passes faster than this machine's: hours of an operator's life in a minute. */
import type { Program } from './operator-process.ts'

export class FastTime {
  readonly speed: number
  readonly #start: number

  /** `start`: of fast time, ms since the epoch; until then both are the same. */
  constructor(speed: number, start = Date.now()) {
    this.speed = speed
    this.#start = start
  }

  /** ms since the epoch. */
  now(): number {
    return this.#start + (Date.now() - this.#start) * this.speed
  }

  /** When something ends that has as much left, in fast time, as it has until `end` in this machine's. */
  endOf(end: Date): Date {
    return new Date(this.now() + end.getTime() - Date.now())
  }

  /** An operator that lives by it. */
  program(): Program {
    const nodeFlags = [`--import=${import.meta.resolve('./fast-clock.ts')}`]
    return { main: 'src/main.ts', nodeFlags, env: { FAST_TIME: `${this.speed} ${this.#start}` } }
  }
}

/**
 * Sets the operator's wall clock wrong, by Node's `--import`: by as many ms as the file says that WRONG_CLOCK names, which
 * may change at any time. It wraps fast time, in which the operator's own waiting passes; what clients of clouds sign is
 * wrong by the same ms.
 */
import { readFileSync } from 'node:fs'
import './fast-clock.ts'
import { systemClock } from '../../src/runtime/clock.ts'

const file = process.env['WRONG_CLOCK'] ?? ''
const LOOK_MS = 20

let offset = 0
const look = (): void => {
  offset = Number(readFileSync(file, 'utf8')) || 0
}
look()
setInterval(look, LOOK_MS).unref()

const { now } = systemClock
systemClock.now = () => now() + offset

const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...given: ConstructorParameters<typeof RealDate> | []) {
    if (given.length === 0) super(RealDate.now() + offset)
    else super(...given)
  }

  static override now(): number {
    return RealDate.now() + offset
  }
} as DateConstructor

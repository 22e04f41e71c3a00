/** The clock by which a client of the SDK signs, which it sets by what services say. */
import { timeOf } from '../../../foreign/numbers.ts'

/** Makes a client leave its clock where a service says a time that no signature can have: it could never sign again. */
export function boundClock({ config }: { config: object }): void {
  let offset = 0
  Object.defineProperty(config, 'systemClockOffset', {
    get: () => offset,
    set(ms: number) {
      if (timeOf(Date.now() + ms)) offset = ms
    },
  })
}

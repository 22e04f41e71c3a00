/** Pure: what calls that try something have left at the service. */
import { type Answer, isOk } from './network/answer.ts'

/** Whether a removal was answered so, and what was to be removed is still there. */
export const isKept = (removal: Answer): boolean => !isOk(removal) && removal.status !== 404

/** What is said of an object that could not be removed. `what`: `object "a/b" of a probe`. */
export const leftBehind = (what: string): string =>
  `${what} is left behind: remove it by hand, and allow its removal, or set spec.verification.writeProbe: None`

/** Pure: whether somebody has asked for another look at an object. */
import { BOUNDS } from '../foreign/bounds.ts'
import { REQUESTED_AT_ANNOTATION } from './names.ts'
import type { KubeObject } from './object.ts'

/** What the annotation says, whose value is free: another value asks for another look. Undefined: nobody has asked. */
export const requestedAt = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.[REQUESTED_AT_ANNOTATION]?.slice(0, BOUNDS.annotation).toWellFormed()

/** What status says once a look has seen the object as it is: whoever asked can tell that the answer is in. */
export function handledRequest(object: KubeObject): { lastHandledRequest?: string } {
  const lastHandledRequest = requestedAt(object)
  return lastHandledRequest === undefined ? {} : { lastHandledRequest }
}

/** The same of a look that has not ended: what an earlier one has said. */
export function earlierRequest({ status }: { status?: { lastHandledRequest?: string } }): {
  lastHandledRequest?: string
} {
  return status?.lastHandledRequest === undefined ? {} : { lastHandledRequest: status.lastHandledRequest }
}

/** Pure: whether somebody has asked for another look at an object. */
import { BOUNDS } from '../foreign/bounds.ts'
import { REQUESTED_AT_ANNOTATION } from './names.ts'
import type { KubeObject } from './object.ts'

/** What the annotation says, whose value is free: another value asks for another look. Undefined: nobody has asked. */
export const requestedAt = ({ metadata }: KubeObject): string | undefined =>
  metadata.annotations?.[REQUESTED_AT_ANNOTATION]?.slice(0, BOUNDS.annotation)

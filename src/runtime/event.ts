/** Pure: makes Kubernetes events within the limits that the API server checks. */
import type { KubeObject } from '../api/object.ts'
import { microTime } from '../api/time.ts'
import { cut } from '../foreign/text.ts'
import { EVENTS } from '../kube/resource.ts'
import { redact } from '../telemetry/redact.ts'
import type { EventRecord } from './outcome.ts'

const MAX_NOTE_BYTES = 1024
const MAX_NAME = 200

export interface Reporter {
  /** Qualified name: `example.com/operator`. */
  controller: string
  /** Name of the replica, at most 128 characters. */
  instance: string
}

export interface EventObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace: string }
  eventTime: string
  reportingController: string
  reportingInstance: string
  action: string
  reason: string
  regarding: { apiVersion: string; kind: string; namespace?: string; name: string; uid?: string }
  note: string
  type: EventRecord['type']
}

export interface Occurrence {
  reporter: Reporter
  /** Time in ms since the epoch. */
  at: number
  /** Part that makes the event's name unique. */
  unique: string
}

/** Makes an event, which for a cluster-scoped object is in the namespace `default`. */
export function eventObject(
  object: KubeObject,
  { action, reason, type, message, about }: EventRecord,
  { reporter, at, unique }: Occurrence,
): EventObject {
  const { apiVersion, kind, metadata } = about === 'Namespace' ? namespaceOf(object) : object
  const { name, namespace, uid } = metadata
  return {
    apiVersion: EVENTS.apiVersion,
    kind: EVENTS.kind,
    metadata: {
      name: `${name.slice(0, MAX_NAME).replace(/[^a-z0-9]{1,200}$/, '')}.${unique}`,
      namespace: namespace ?? 'default',
    },
    eventTime: microTime(at),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
    action,
    reason,
    regarding: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, ...(uid ? { uid } : {}) },
    // A longer text than the limit is left to redact, so that a secret that is cut off is not half shown.
    note: cutBytes(redact(cut(message, 4 * MAX_NOTE_BYTES)), MAX_NOTE_BYTES),
    type,
  }
}

const namespaceOf = ({ metadata: { namespace = '' } }: KubeObject): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespace, uid: '', resourceVersion: '' },
})

/** Cuts a text between characters to at most `limit` bytes of UTF-8. */
export function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limit) return text
  const dots = '...'
  let end = limit - dots.length
  // A byte of the form 10xxxxxx continues a character.
  while (((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end--
  return bytes.toString('utf8', 0, end) + dots
}

/** Pure: a change of the cluster, as kubectl makes it by a printed command, and as the program makes some itself. */

import { type JsonPatchOperation, pointerOf } from '../../api/json-patch.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../kube/resource.ts'
import { escaped } from '../text/harmless.ts'
import { kubectl, type Shell } from '../text/kubectl.ts'

interface Place {
  resource: Resource
  /** Absent for what has no namespace. */
  namespace?: string
  name: string
}

export type Change = Place &
  (
    | { kind: 'label' | 'annotate'; values: Readonly<Record<string, string>> }
    /** A merge patch (RFC 7386): null removes a member. */
    | { kind: 'merge'; patch: object }
    /** A JSON patch, for elements of lists: a test of each element comes first. */
    | { kind: 'json'; operations: JsonPatchOperation[] }
    /** An object that has nothing but its name. */
    | { kind: 'create' }
  )

/** What `--fix` can do itself: a patch of an object. */
export type Edit = Extract<Change, { kind: 'merge' | 'json' }>

/** The command that makes the change. Throws a RangeError for a name that no command line can have. */
export function commandOf(change: Change, shell: Shell): string {
  const { resource, namespace, name, kind } = change
  const type = resource.kind.toLowerCase()
  const where = namespace === undefined ? [] : ['-n', namespace]
  const at = [type, name, ...where]
  switch (kind) {
    case 'create':
      return kubectl(shell, ['create', ...at])
    case 'label':
    case 'annotate':
      return kubectl(shell, [kind, ...at, '--overwrite', ...Object.entries(change.values).map(pair => pair.join('='))])
    case 'merge':
      return kubectl(shell, ['patch', ...at, '--type=merge', '-p', json(change.patch)])
    case 'json':
      return kubectl(shell, ['patch', ...at, '--type=json', '-p', json(change.operations)])
  }
}

const json = (value: object): string => escaped(JSON.stringify(value))

/** The same as operations on the object as it is. None: it is so already. */
export const operationsOf = (change: Edit, object: KubeObject): JsonPatchOperation[] =>
  change.kind === 'json' ? change.operations : merged(object, change.patch, [])

type Json = Readonly<Record<string, unknown>>

function merged(target: object, patch: object, path: readonly string[]): JsonPatchOperation[] {
  return Object.entries(patch).flatMap(([key, value]): JsonPatchOperation[] => {
    const at = [...path, key]
    const old = Object.hasOwn(target, key) ? (target as Json)[key] : undefined
    if (value === null) return old === undefined ? [] : [{ op: 'remove', path: pointerOf(...at) }]
    if (!isObject(value)) return old === value ? [] : [{ op: 'add', path: pointerOf(...at), value }]
    return isObject(old) ? merged(old, value, at) : [{ op: 'add', path: pointerOf(...at), value: withoutNulls(value) }]
  })
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const withoutNulls = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      member === null ? [] : [[key, isObject(member) ? withoutNulls(member) : member]],
    ),
  )

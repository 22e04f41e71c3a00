/** Pure: JSON patches (RFC 6902), and the pointers (RFC 6901) by which they name places. */

export interface JsonPatchOperation {
  op: 'add' | 'replace' | 'remove' | 'test'
  path: string
  value?: unknown
}

/** `/metadata/labels/a~1b` of `metadata`, `labels`, `a/b`. */
export const pointerOf = (...keys: readonly (string | number)[]): string =>
  keys.map(key => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

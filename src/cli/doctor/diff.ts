/** Pure: what a change makes of an object, as lines of YAML. */
import { diff } from 'node:util'
import { stringify } from 'yaml'
import type { KubeObject } from '../../api/object.ts'
import { harmless } from '../text/harmless.ts'

export interface DiffLine {
  sign: '+' | '-' | ' '
  text: string
}

/** Lines around a change. */
const AROUND = 2

/**
 * Nothing of status, nor of what the API server keeps for itself; of objects that have data, nothing of that either. So
 * annotations that stay as they are in `other` are left out: kubectl writes a whole Secret into one.
 */
function shownPart({ metadata, ...rest }: KubeObject, other: KubeObject | undefined): object {
  const { name, namespace, labels, annotations } = metadata
  const { spec } = rest as { spec?: object }
  return {
    metadata: {
      ...{ name, ...(namespace ? { namespace } : {}), labels },
      annotations: changedOnes(annotations, other?.metadata.annotations),
    },
    ...(spec ? { spec } : {}),
  }
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function changedOnes(
  annotations: Record<string, string> = {},
  others: Record<string, string> = {},
): Record<string, string> | undefined {
  const changed = Object.entries(annotations).filter(([key, value]) => others[key] !== value && key !== LAST_APPLIED)
  return changed.length > 0 ? Object.fromEntries(changed) : undefined
}

const linesOf = (object: KubeObject | undefined, other: KubeObject | undefined): string[] =>
  object
    ? stringify(shownPart(object, other), { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n')
    : []

/** Lines that change, with some around them, harmless for a terminal. `before` is absent for a new object. */
export function diffOf(before: KubeObject | undefined, after: KubeObject): DiffLine[] {
  // util.diff goes from the second to the first: 1 is a line of the first only.
  const all = diff(linesOf(after, before), linesOf(before, after)).map(([kind, text]): DiffLine => {
    const indent = /^ {0,64}/.exec(text)?.[0] ?? ''
    return { sign: kind === 1 ? '+' : kind === -1 ? '-' : ' ', text: indent + harmless(text.slice(indent.length)) }
  })
  return all.filter((_, at) => all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== ' '))
}

/** Pure: what doctor has found, and how it is cured. */
import type { KubeObject } from '../../api/object.ts'
import type { Edit } from './changes.ts'

/** An object of the cluster, or the installation itself. */
export interface Subject {
  kind: 'connector' | 'store' | 'installation'
  /** Empty where it has none. */
  namespace: string
  name: string
}

export interface Cure {
  /**
   * `cluster`: the commands cure it. `outside`: somebody must act at the cloud, or decide. `none`: nobody needs to act.
   */
  place: 'cluster' | 'outside' | 'none'
  /** What it is, for people: a sentence without its full stop. */
  words: string
  /** Run as they are printed by a POSIX shell, in this order. */
  commands: string[]
  /** What must be there before: variables of the environment, and files. */
  needs: string[]
  /** What the commands do, where `--fix` can do it: nothing is to be chosen or provided, and nobody else decides. */
  changes?: Edit[]
}

export interface Finding extends Subject {
  /** CamelCase word, as in status. */
  reason: string
  /** What status says: what, where and what to do. */
  message: string
  /** The object works: this is only to be known. */
  isCaution: boolean
  /** Other objects that are not well because of this. */
  explains: Subject[]
  /** The best one first; each is enough. */
  cures: Cure[]
  /** Where there is more about it. */
  document?: string
}

export const subjectWords = ({ kind, namespace, name }: Subject): string =>
  `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`

export const subjectOf = (kind: Subject['kind'], { metadata: { namespace = '', name } }: KubeObject): Subject => ({
  kind,
  namespace,
  name,
})

export const outside = (words: string): Cure => ({ place: 'outside', words, commands: [], needs: [] })
export const passes = (words: string): Cure => ({ place: 'none', words, commands: [], needs: [] })

/**
 * Pure: keeps one copy of what many objects have in common. Each object comes as text of its own, so words and lists
 * that are equal would otherwise be in memory once for each of them.
 */
import { setNewest } from '../async/fair-map.ts'

export interface OneCopyOptions {
  /** How many copies are remembered. A copy that is forgotten stays with the objects that have it. */
  max: number
  /** Characters of a value as text, beyond which it is not remembered. */
  charactersMax: number
}

/** Nobody may change a value once it was given. */
export class OneCopy<T> {
  readonly #options: OneCopyOptions
  /** By the text of the value; what was asked for last comes last. */
  readonly #known = new Map<string, T>()

  constructor(options: OneCopyOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#known.size
  }

  /** The copy of what has this text: the value itself when it is the first one. */
  of(text: string, value: T): T {
    const { max, charactersMax } = this.#options
    if (text.length > charactersMax) return value
    const copy = this.#known.get(text) ?? value
    setNewest(this.#known, text, copy, max)
    return copy
  }
}

/**
 * Pure: first come, first served, and anybody can leave before their turn. Every operation takes constant time; a Set would
 * look for its first member behind the places of all who have left.
 */
export class Line<T> {
  readonly #places = new Map<T, Place<T>>()
  #first: Place<T> | undefined
  #last: Place<T> | undefined

  get size(): number {
    return this.#places.size
  }

  /** To the end; who is in the line already keeps the place. */
  push(member: T): void {
    if (this.#places.has(member)) return
    const place: Place<T> = { member, before: this.#last, after: undefined }
    if (this.#last) this.#last.after = place
    else this.#first = place
    this.#last = place
    this.#places.set(member, place)
  }

  shift(): T | undefined {
    const first = this.#first
    if (!first) return undefined
    this.delete(first.member)
    return first.member
  }

  /** Whether it was in the line. */
  delete(member: T): boolean {
    const place = this.#places.get(member)
    if (!place) return false
    const { before, after } = place
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    return this.#places.delete(member)
  }

  clear(): void {
    this.#places.clear()
    this.#first = undefined
    this.#last = undefined
  }
}

interface Place<T> {
  member: T
  before: Place<T> | undefined
  after: Place<T> | undefined
}

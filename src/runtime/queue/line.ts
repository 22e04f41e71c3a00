/**
 * Pure: a line of members, first come, first served, which a member can leave before its turn. Every operation takes
 * constant time; a Set would look for its first member behind the places of all that have left.
 */
export class Line<T> {
  readonly #nodes = new Map<T, Node<T>>()
  #first: Node<T> | undefined
  #last: Node<T> | undefined

  get size(): number {
    return this.#nodes.size
  }

  /** Puts a member at the end. One that is in the line already keeps its place. */
  push(member: T): void {
    if (this.#nodes.has(member)) return
    const node: Node<T> = { member, before: this.#last, after: undefined }
    if (this.#last) this.#last.after = node
    else this.#first = node
    this.#last = node
    this.#nodes.set(member, node)
  }

  shift(): T | undefined {
    const first = this.#first
    if (!first) return undefined
    this.delete(first.member)
    return first.member
  }

  /** Takes a member out. Returns whether it was in the line. */
  delete(member: T): boolean {
    const node = this.#nodes.get(member)
    if (!node) return false
    const { before, after } = node
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    return this.#nodes.delete(member)
  }

  clear(): void {
    this.#nodes.clear()
    this.#first = undefined
    this.#last = undefined
  }
}

interface Node<T> {
  member: T
  before: Node<T> | undefined
  after: Node<T> | undefined
}

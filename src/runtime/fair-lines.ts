/**
 * Pure: what waits of many owners, in a line for each. The owners take turns, and when there is too much, the one that
 * has most gives up its oldest: so one owner with thousands displaces and delays nobody else.
 */
import { Line } from './queue/line.ts'

export class FairLines<T> {
  /** Lines with members, by owner; the first is the one whose turn is next. */
  readonly #lines = new Map<string, Line<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Puts a member, which is in no line yet, at the end of its owner's. */
  push(owner: string, member: T): void {
    const line = this.#lines.get(owner) ?? new Line<T>()
    this.#lines.set(owner, line)
    line.push(member)
    this.#size++
  }

  /** Takes the oldest member of the owner whose turn it is. */
  shift(): T | undefined {
    const [next] = this.#lines
    if (!next) return undefined
    const [owner, line] = next
    this.#lines.delete(owner)
    if (line.size > 1) this.#lines.set(owner, line)
    return this.#take(line)
  }

  /** Takes the oldest member of the owner who has most. */
  shiftLongest(): T | undefined {
    let longest: [owner: string, line: Line<T>] | undefined
    for (const each of this.#lines) if (!longest || each[1].size > longest[1].size) longest = each
    if (!longest) return undefined
    const [owner, line] = longest
    if (line.size === 1) this.#lines.delete(owner)
    return this.#take(line)
  }

  /** Takes a member out before its turn. */
  delete(owner: string, member: T): void {
    const line = this.#lines.get(owner)
    if (!line?.delete(member)) return
    this.#size--
    if (line.size === 0) this.#lines.delete(owner)
  }

  #take(line: Line<T>): T | undefined {
    this.#size--
    return line.shift()
  }
}

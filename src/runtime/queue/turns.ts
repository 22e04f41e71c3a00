/**
 * Pure: members of owners. The owner with the lowest level is next, and of those with the same one, who waits longest.
 * The members of an owner take turns.
 */
import { KeyHeap } from './key-heap.ts'
import { Line } from './line.ts'

export class Turns<T extends { owner: string }> {
  readonly #levelOf: (owner: string) => number
  readonly #lines = new Map<string, Line<T>>()
  /** Owners of `lines`, by the level that they had when they got in. */
  readonly #owners = new KeyHeap()

  /** `levelOf`: a number that falls only together with `fell`. */
  constructor(levelOf: (owner: string) => number) {
    this.#levelOf = levelOf
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  /** Puts a member at the end of those of its owner. */
  push(member: T): void {
    const { owner } = member
    const line = this.#lines.get(owner) ?? new Line<T>()
    this.#lines.set(owner, line)
    line.push(member)
    this.#owners.add(owner, this.#levelOf(owner))
  }

  /** Takes the next member. */
  shift(): T | undefined {
    for (let at = this.#owners.nextAt; at !== undefined; at = this.#owners.nextAt) {
      const owner = this.#owners.take() as string
      const level = this.#levelOf(owner)
      this.#owners.add(owner, level)
      // It rose since it got in, so another may be before it now.
      if (level > at) continue
      const member = this.#lines.get(owner)?.shift()
      this.#dropIfEmpty(owner)
      return member
    }
    return undefined
  }

  /** Takes a member out before its turn. */
  delete(member: T): void {
    this.#lines.get(member.owner)?.delete(member)
    this.#dropIfEmpty(member.owner)
  }

  /** Says that the level of an owner is lower than it was. */
  fell(owner: string): void {
    if (this.#lines.has(owner)) this.#owners.add(owner, this.#levelOf(owner))
  }

  clear(): void {
    this.#lines.clear()
    this.#owners.clear()
  }

  #dropIfEmpty(owner: string): void {
    if (this.#lines.get(owner)?.size !== 0) return
    this.#lines.delete(owner)
    this.#owners.delete(owner)
  }
}

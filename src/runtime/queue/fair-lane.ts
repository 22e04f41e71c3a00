/**
 * Keys of one lane that are ready to be worked on. Keys with the same groups form a share, which serves them first
 * come, first served. The shares take turns, so that one with thousands of keys delays no other. A share with a group
 * that has no room steps aside until there is some.
 *
 * Every operation takes constant time: a share steps aside only for a full group, and few groups are full at a time.
 */
import { Line } from './line.ts'
import type { Group } from './occupancy.ts'

export interface Ready {
  key: string
  /** Monotonic ms when the key became ready. */
  since: number
  /** Groups of the key when it got into the lane. */
  groups: readonly Group[]
}

interface Share {
  id: string
  groups: readonly Group[]
  keys: Line<string>
  /** Name of the full group that it has stepped aside for. */
  aside?: string
}

export class FairLane {
  readonly #hasRoom: (group: Group) => boolean
  readonly #ready = new Map<string, Ready>()
  /** Shares with keys, by id. */
  readonly #shares = new Map<string, Share>()
  readonly #turns = new Line<Share>()
  /** Shares that stepped aside, by the name of the full group. */
  readonly #aside = new Map<string, Line<Share>>()

  constructor(hasRoom: (group: Group) => boolean) {
    this.#hasRoom = hasRoom
  }

  get size(): number {
    return this.#ready.size
  }

  get(key: string): Ready | undefined {
    return this.#ready.get(key)
  }

  push(entry: Ready): void {
    const share = this.#shareOf(entry.groups)
    this.#ready.set(entry.key, entry)
    share.keys.push(entry.key)
    if (share.aside === undefined) this.#turns.push(share)
  }

  /** Takes a key out before its turn. */
  take(key: string): Ready | undefined {
    const entry = this.#ready.get(key)
    if (!entry) return undefined
    this.#ready.delete(key)
    const share = this.#shareOf(entry.groups)
    share.keys.delete(key)
    if (share.keys.size === 0) this.#dissolve(share)
    return entry
  }

  /** Takes the next key whose groups all have room. */
  shift(): Ready | undefined {
    for (let share = this.#turns.shift(); share; share = this.#turns.shift()) {
      const full = share.groups.find(group => !this.#hasRoom(group))
      if (full) {
        this.#stepAside(share, full)
        continue
      }
      const key = share.keys.shift() as string
      if (share.keys.size > 0) this.#turns.push(share)
      else this.#shares.delete(share.id)
      const entry = this.#ready.get(key)
      this.#ready.delete(key)
      return entry
    }
    return undefined
  }

  /** Says that these groups have a free place, so that one waiting share of each may run. */
  freed(groups: readonly Group[]): void {
    for (const { name } of groups) {
      const line = this.#aside.get(name)
      const share = line?.shift()
      if (line?.size === 0) this.#aside.delete(name)
      if (!share) continue
      delete share.aside
      this.#turns.push(share)
    }
  }

  clear(): void {
    this.#ready.clear()
    this.#shares.clear()
    this.#turns.clear()
    this.#aside.clear()
  }

  #shareOf(groups: readonly Group[]): Share {
    const id = groups.map(({ name }) => name).join('\n')
    const known = this.#shares.get(id)
    if (known) return known
    const share = { id, groups, keys: new Line<string>() }
    this.#shares.set(id, share)
    return share
  }

  #stepAside(share: Share, full: Group): void {
    share.aside = full.name
    const line = this.#aside.get(full.name) ?? new Line<Share>()
    this.#aside.set(full.name, line)
    line.push(share)
    this.#passOn(share)
  }

  #dissolve(share: Share): void {
    this.#shares.delete(share.id)
    if (share.aside === undefined) {
      this.#turns.delete(share)
      this.#passOn(share)
      return
    }
    const line = this.#aside.get(share.aside)
    line?.delete(share)
    if (line?.size === 0) this.#aside.delete(share.aside)
  }

  /** Gives up the turn of a share. Another share may want the free place for which it perhaps got this turn. */
  #passOn({ groups }: Share): void {
    this.freed(groups.filter(group => this.#hasRoom(group)))
  }
}

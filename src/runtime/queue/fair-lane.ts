/**
 * Keys of one lane that are ready to be worked on. The owner that used least of late comes first, so that one with
 * thousands of keys, or with costly ones, delays no other. Keys of an owner with the same groups form a share, which
 * serves them first come, first served; the shares of an owner take turns. A share with a group that has no room steps
 * aside until there is some.
 *
 * Every operation takes constant time but for the logarithm of the owners: a share steps aside only for a full group,
 * and few groups are full at a time.
 */
import { KeyHeap } from './key-heap.ts'
import { Line } from './line.ts'
import type { Group } from './occupancy.ts'

export interface Ready {
  key: string
  /** Whose work it is. */
  owner: string
  /** Monotonic ms when the key became ready. */
  since: number
  /** Groups of the key when it got into the lane. */
  groups: readonly Group[]
}

interface Share {
  id: string
  owner: string
  groups: readonly Group[]
  keys: Line<string>
  /** Name of the full group that it has stepped aside for. */
  aside?: string
}

export interface FairLaneOptions {
  hasRoom(group: Group): boolean
  /** A number that is higher the more the owner used of late, and that only rises. */
  levelOf(owner: string): number
}

export class FairLane {
  readonly #hasRoom: (group: Group) => boolean
  readonly #levelOf: (owner: string) => number
  readonly #ready = new Map<string, Ready>()
  /** Shares with keys, by id. */
  readonly #shares = new Map<string, Share>()
  /** Shares that are in turn, by owner. */
  readonly #turns = new Map<string, Line<Share>>()
  /** Owners of `turns`, by the level that they had when they got in. */
  readonly #owners = new KeyHeap()
  /** Shares that stepped aside, by the name of the full group. */
  readonly #aside = new Map<string, Line<Share>>()

  constructor({ hasRoom, levelOf }: FairLaneOptions) {
    this.#hasRoom = hasRoom
    this.#levelOf = levelOf
  }

  get size(): number {
    return this.#ready.size
  }

  get(key: string): Ready | undefined {
    return this.#ready.get(key)
  }

  push(entry: Ready): void {
    const share = this.#shareOf(entry)
    this.#ready.set(entry.key, entry)
    share.keys.push(entry.key)
    if (share.aside === undefined) this.#giveTurn(share)
  }

  /** Takes a key out before its turn. */
  take(key: string): Ready | undefined {
    const entry = this.#ready.get(key)
    if (!entry) return undefined
    this.#ready.delete(key)
    const share = this.#shareOf(entry)
    share.keys.delete(key)
    if (share.keys.size === 0) this.#dissolve(share)
    return entry
  }

  /** Takes the next key whose groups all have room. */
  shift(): Ready | undefined {
    for (let share = this.#nextShare(); share; share = this.#nextShare()) {
      const full = share.groups.find(group => !this.#hasRoom(group))
      if (full) {
        this.#stepAside(share, full)
        continue
      }
      const key = share.keys.shift() as string
      if (share.keys.size > 0) this.#giveTurn(share)
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
      this.#giveTurn(share)
    }
  }

  clear(): void {
    this.#ready.clear()
    this.#shares.clear()
    this.#turns.clear()
    this.#owners.clear()
    this.#aside.clear()
  }

  #shareOf({ owner, groups }: Ready): Share {
    const id = [owner, ...groups.map(({ name }) => name)].join('\n')
    const known = this.#shares.get(id)
    if (known) return known
    const share = { id, owner, groups, keys: new Line<string>() }
    this.#shares.set(id, share)
    return share
  }

  /** Puts a share at the end of those of its owner. */
  #giveTurn(share: Share): void {
    const turns = this.#turns.get(share.owner) ?? new Line<Share>()
    this.#turns.set(share.owner, turns)
    turns.push(share)
    this.#owners.add(share.owner, this.#levelOf(share.owner))
  }

  #endTurn(share: Share): void {
    const turns = this.#turns.get(share.owner)
    turns?.delete(share)
    if (turns?.size === 0) {
      this.#turns.delete(share.owner)
      this.#owners.delete(share.owner)
    }
  }

  /** Takes the next share of the owner that used least. */
  #nextShare(): Share | undefined {
    for (let at = this.#owners.nextAt; at !== undefined; at = this.#owners.nextAt) {
      const owner = this.#owners.take() as string
      const level = this.#levelOf(owner)
      this.#owners.add(owner, level)
      // It used some since it got in, so another may be before it now.
      if (level > at) continue
      const share = this.#turns.get(owner)?.shift()
      if (share) this.#endTurn(share)
      return share
    }
    return undefined
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
      this.#endTurn(share)
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

/**
 * Keys of one lane that are ready to be worked on. The owner that used least of late comes first, so that one with
 * thousands of keys, or with costly ones, delays no other. Keys of an owner with the same groups form a share, which
 * serves them first come, first served; the shares of an owner take turns. A share with a group that has no room steps
 * aside until there is some. A free place of a full group goes to the owner that has fewest of its places, as it is these
 * that lack, and to the one of those that used least.
 *
 * Every operation takes constant time but for the logarithm of the owners: a share steps aside only for a full group,
 * and few groups are full at a time.
 */
import { Line } from './line.ts'
import type { Group } from './occupancy.ts'
import { Turns } from './turns.ts'

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
  /** How many places of a group the keys of an owner have. Default: none. */
  placesOf?(owner: string, group: string): number
}

/** More than any level: those of RecentUse take a million years to it. */
const ABOVE_LEVELS = 2 ** 32

export class FairLane {
  readonly #hasRoom: (group: Group) => boolean
  readonly #levelOf: (owner: string) => number
  readonly #placesOf: (owner: string, group: string) => number
  readonly #ready = new Map<string, Ready>()
  /** Shares with keys, by id. */
  readonly #shares = new Map<string, Share>()
  /** Shares that are in turn. */
  readonly #turns: Turns<Share>
  /** Shares that stepped aside, by the name of the full group. */
  readonly #aside = new Map<string, Turns<Share>>()

  constructor({ hasRoom, levelOf, placesOf = () => 0 }: FairLaneOptions) {
    this.#hasRoom = hasRoom
    this.#levelOf = levelOf
    this.#placesOf = placesOf
    this.#turns = new Turns(levelOf)
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
    if (share.aside === undefined) this.#turns.push(share)
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

  /** Says that these groups have a free place, so that one share of those that wait for each may run. `by`: who had it. */
  freed(groups: readonly Group[], by?: string): void {
    for (const { name } of groups) {
      const aside = this.#aside.get(name)
      if (by !== undefined) aside?.fell(by)
      const share = aside?.shift()
      if (aside?.isEmpty) this.#aside.delete(name)
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

  #shareOf({ owner, groups }: Ready): Share {
    const id = [owner, ...groups.map(({ name }) => name)].join('\n')
    const known = this.#shares.get(id)
    if (known) return known
    const share = { id, owner, groups, keys: new Line<string>() }
    this.#shares.set(id, share)
    return share
  }

  #stepAside(share: Share, full: Group): void {
    const { name } = full
    share.aside = name
    const aside = this.#aside.get(name) ?? new Turns<Share>(owner => this.#levelIn(name, owner))
    this.#aside.set(name, aside)
    aside.push(share)
    this.#passOn(share)
  }

  #dissolve(share: Share): void {
    this.#shares.delete(share.id)
    if (share.aside === undefined) {
      this.#turns.delete(share)
      this.#passOn(share)
      return
    }
    const aside = this.#aside.get(share.aside)
    aside?.delete(share)
    if (aside?.isEmpty) this.#aside.delete(share.aside)
  }

  #levelIn(group: string, owner: string): number {
    return this.#placesOf(owner, group) * ABOVE_LEVELS + Math.max(0, this.#levelOf(owner))
  }

  /** Gives up the turn of a share. Another share may want the free place for which it perhaps got this turn. */
  #passOn({ groups }: Share): void {
    this.freed(groups.filter(group => this.#hasRoom(group)))
  }
}

/** Counts how many keys of each group have a worker, and says whether another one may. */

export type Lane = 'urgent' | 'routine'

export interface Limit {
  /** How many keys of one group may have a worker at once. Routine keys leave one place free if there are several. */
  max: number
  /** Undefined: the key is in no group of this limit. */
  groupOf(key: string): string | undefined
}

export interface Group {
  /** Name that is unique among the groups of all limits. */
  name: string
  max: number
}

interface Occupied {
  taken: number
  routine: number
  /** Places of each owner that has one. */
  owners: Map<string, number>
}

/** Whose key takes places, and in which lane. */
interface Taker {
  owner: string
  lane: Lane
}

export class Occupancy {
  readonly #limits: readonly Limit[]
  /** Occupied places of each group that has a worker, by its name. */
  readonly #occupied = new Map<string, Occupied>()

  constructor(limits: readonly Limit[]) {
    this.#limits = limits
  }

  groupsOf(key: string): Group[] {
    return this.#limits.flatMap(({ max, groupOf }, index) => {
      const group = groupOf(key)
      return group === undefined ? [] : [{ name: `${index} ${group}`, max }]
    })
  }

  hasRoom({ name, max }: Group, lane: Lane): boolean {
    const { taken, routine } = this.#occupied.get(name) ?? { taken: 0, routine: 0 }
    return taken < max && (lane === 'urgent' || routine < routinePlaces(max))
  }

  /** Places of a group that keys of an owner have. */
  placesOf(owner: string, group: string): number {
    return this.#occupied.get(group)?.owners.get(owner) ?? 0
  }

  enter(groups: readonly Group[], taker: Taker): void {
    for (const { name } of groups) this.#change(name, taker, 1)
  }

  leave(groups: readonly Group[], taker: Taker): void {
    for (const { name } of groups) this.#change(name, taker, -1)
  }

  #change(name: string, { owner, lane }: Taker, by: 1 | -1): void {
    const places = this.#occupied.get(name) ?? { taken: 0, routine: 0, owners: new Map() }
    places.taken += by
    if (lane === 'routine') places.routine += by
    const own = (places.owners.get(owner) ?? 0) + by
    if (own === 0) places.owners.delete(owner)
    else places.owners.set(owner, own)
    if (places.taken === 0) this.#occupied.delete(name)
    else this.#occupied.set(name, places)
  }
}

/** Places for routine work, which leaves one to urgent work if there are several. */
export const routinePlaces = (places: number): number => Math.max(1, places - 1)

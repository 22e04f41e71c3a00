/** How many keys of each group have a worker, and whether another may. */

export type Lane = 'urgent' | 'routine'

export interface Limit {
  /** How many keys of one group may have a worker at once. Routine ones get all places but one of more. */
  max: number
  /** Undefined: the key is in no group of this limit. */
  groupOf(key: string): string | undefined
}

export interface Group {
  /** Unique among the groups of all limits. */
  name: string
  max: number
}

interface Places {
  taken: number
  routine: number
}

export class Occupancy {
  readonly #limits: readonly Limit[]
  /** Of groups with a worker. */
  readonly #places = new Map<string, Places>()

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
    const { taken, routine } = this.#places.get(name) ?? { taken: 0, routine: 0 }
    return taken < max && (lane === 'urgent' || routine < routinePlaces(max))
  }

  enter(groups: readonly Group[], lane: Lane): void {
    for (const { name } of groups) {
      const places = this.#places.get(name) ?? { taken: 0, routine: 0 }
      this.#places.set(name, places)
      places.taken++
      if (lane === 'routine') places.routine++
    }
  }

  leave(groups: readonly Group[], lane: Lane): void {
    for (const { name } of groups) {
      const places = this.#places.get(name)
      if (!places) continue
      places.taken--
      if (lane === 'routine') places.routine--
      if (places.taken === 0) this.#places.delete(name)
    }
  }
}

/** Routine work leaves a place to urgent work, if there is more than one. */
export const routinePlaces = (places: number): number => Math.max(1, places - 1)

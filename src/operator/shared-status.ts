/**
 * Pure: gives stores one copy of what their statuses have in common: words of conditions, times, and the list of permissions,
 * which is the same wherever the same was found out. It is a third of what is kept of a store.
 */
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { ArtifactStoreStatus } from '../api/artifact-store-status.ts'
import type { Condition } from '../api/conditions.ts'
import { OneCopy } from '../runtime/one-copy.ts'

type Permissions = NonNullable<ArtifactStoreStatus['permissions']>

export class SharedStatus {
  readonly #words = new OneCopy<string>({ max: 2_000, charactersMax: 256 })
  readonly #permissions = new OneCopy<Permissions>({ max: 200, charactersMax: 4_096 })

  /** The same store, with parts of others in its status. */
  of(store: ArtifactStore): ArtifactStore {
    const { status } = store
    if (!status) return store
    const { conditions, permissions, expiresAt } = status
    return {
      ...store,
      status: {
        ...status,
        ...(conditions ? { conditions: conditions.map(condition => this.#condition(condition)) } : {}),
        ...(permissions ? { permissions: this.#permissions.of(JSON.stringify(permissions), permissions) } : {}),
        ...(expiresAt === undefined ? {} : { expiresAt: this.#word(expiresAt) }),
      },
    }
  }

  #condition(condition: Condition): Condition {
    const { type, reason, message, lastTransitionTime } = condition
    return {
      ...condition,
      type: this.#word(type),
      reason: this.#word(reason),
      message: this.#word(message),
      lastTransitionTime: this.#word(lastTransitionTime),
    }
  }

  #word(word: string): string {
    return this.#words.of(word, word)
  }
}

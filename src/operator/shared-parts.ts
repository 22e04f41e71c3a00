/**
 * Pure: gives stores one copy of what they have in common: conditions, which are equal for stores that became Ready within a
 * second, their words and times, the list of permissions, which is the same wherever the same was found out, the connector, and
 * what credentials are wanted.
 */
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { Condition } from '../api/conditions.ts'
import { OneCopy } from '../runtime/one-copy.ts'

export class SharedParts {
  readonly #words = new OneCopy<string>({ max: 2_000, charactersMax: 256 })
  /** Parts that are equal have equal text, whatever they are parts of. */
  readonly #parts = new OneCopy<object>({ max: 1_000, charactersMax: 4_096 })

  /** The same store, with parts of others. */
  of(store: ArtifactStore): ArtifactStore {
    const { metadata, spec, status } = store
    const { creationTimestamp } = metadata
    return {
      ...store,
      metadata: creationTimestamp ? { ...metadata, creationTimestamp: this.#word(creationTimestamp) } : metadata,
      spec: { ...spec, ...this.#shared(spec, ['connectorRef', 'credentials']) },
      ...(status ? { status: this.#status(status) } : {}),
    }
  }

  #status(status: NonNullable<ArtifactStore['status']>): NonNullable<ArtifactStore['status']> {
    const { conditions, expiresAt } = status
    return {
      ...status,
      ...this.#shared(status, ['permissions']),
      ...(conditions ? { conditions: this.#part(conditions.map(condition => this.#condition(condition))) } : {}),
      ...(expiresAt === undefined ? {} : { expiresAt: this.#word(expiresAt) }),
    }
  }

  /** Copies that all share of those of these members that are there. */
  #shared<T extends object, K extends keyof T>(object: T, members: K[]): Partial<T> {
    const shared: Partial<T> = {}
    for (const member of members) {
      const value = object[member]
      if (typeof value === 'object' && value !== null) shared[member] = this.#part(value)
    }
    return shared
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

  #part<T extends object>(part: T): T {
    return this.#parts.of(JSON.stringify(part), part) as T
  }

  #word(word: string): string {
    return this.#words.of(word, word)
  }
}

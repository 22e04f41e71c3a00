import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connector, store } from '../../../test/support/objects.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { READY } from '../../api/conditions.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import { requestedAt } from '../../api/requested-at.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { JsonPatchOperation } from '../../kube/client.ts'
import { SERVICE_CONNECTORS } from '../../kube/resource.ts'
import type { Cluster } from '../cluster/connect.ts'
import { type Asking, refreshConnector, verifyFound } from './request.ts'

const NOW = new Date('2026-03-01T10:00:00.000Z')
const LATER = '2026-03-01T10:00:07Z'

type Status = ArtifactStore['status'] & ServiceConnector['status']

/** What the operator does when somebody asks. */
type Operator = (lab: Lab, asked: string) => void

/** A cluster with the connector `ml/minio`, whose annotation is `before`, and stores of it. */
class Lab {
  readonly #objects = new Map<string, ArtifactStore | ServiceConnector>()
  readonly #operator: Operator
  readonly found: { kind: 'connector'; resource: typeof SERVICE_CONNECTORS; object: ServiceConnector }

  constructor(operator: Operator, { before, stores = [] }: { before?: string; stores?: string[] } = {}) {
    this.#operator = operator
    const object = connector()
    object.metadata.annotations = before === undefined ? {} : { [REQUESTED_AT_ANNOTATION]: before }
    this.found = { kind: 'connector', resource: SERVICE_CONNECTORS, object }
    const used = stores.map(name => store({}, { metadata: { ...store().metadata, name } }))
    for (const one of [object, ...used]) this.#objects.set(keyOf(one), structuredClone(one))
  }

  /** The operator has answered, and the object is Ready. */
  answer(name: string, answered: Status): void {
    const object = this.#objects.get(`ml/${name}`)
    assert.ok(object)
    // Of a status, only what a request waits for.
    const condition = { type: READY, status: 'True' as const, reason: 'Fine', message: '', lastTransitionTime: '' }
    object.status = { observedGeneration: 1, conditions: [condition], ...answered } as never
  }

  /** The value of the request. */
  get asked(): string | undefined {
    const object = this.#objects.get('ml/minio')
    return object && requestedAt(object)
  }

  get cluster(): Cluster {
    const client = {
      list: async () => ({ items: [...this.#objects.values()].filter(({ kind }) => kind === 'ArtifactStore') }),
      get: async (_: unknown, namespace: string, name: string, { signal }: { signal: AbortSignal }) => {
        // As an API server that is not on this machine.
        await sleep(5, undefined, { signal })
        return structuredClone(this.#objects.get(`${namespace}/${name}`))
      },
      // Nothing changes after the answer.
      watch: async function* (_: unknown, __: unknown, { signal }: { signal: AbortSignal }) {
        yield { type: 'BOOKMARK', object: {} }
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
      jsonPatch: async (_: unknown, __: unknown, operations: JsonPatchOperation[]) => {
        const asked = String((operations.at(-1) as { value?: unknown }).value)
        const object = this.#objects.get('ml/minio')
        if (object) object.metadata.annotations = { [REQUESTED_AT_ANNOTATION]: asked }
        this.#operator(this, asked)
      },
    }
    // Of a cluster, only what a request asks.
    return { client, where: 'test' } as unknown as Cluster
  }

  asking(timeout: string): Asking {
    return { options: { timeout }, now: () => NOW, progress() {}, signal: new AbortController().signal }
  }

  /** What is said of a verification of the connector. */
  async verify(timeout: string): Promise<string> {
    return (await verifyFound(this.cluster, this.asking(timeout), this.found)).result
  }

  /** What is said of the connector, and of each store. */
  async refresh(timeout: string): Promise<string[]> {
    const { results } = await refreshConnector(this.cluster, this.asking(timeout), this.found)
    return results.map(({ name, result }) => `${name} ${result}`)
  }
}

describe('a request', () => {
  test('that somebody else repeats before it is answered is answered by the answer to theirs', async () => {
    const lab = new Lab(it => it.answer('minio', { lastHandledRequest: LATER }))
    assert.equal(await lab.verify('10s'), 'Done')
  })

  test('is looked at once where there is no time to wait', async () => {
    const lab = new Lab((it, asked) => it.answer('minio', { lastHandledRequest: asked }))
    assert.equal(await lab.verify('0s'), 'Done')
  })

  test('is not answered by an answer to an earlier one', async () => {
    for (const earlier of ['2026-03-01T09:59:59Z', 'zzz', 'Sun Mar  1 10:00:07 UTC 2026']) {
      const lab = new Lab(it => it.answer('minio', { lastHandledRequest: earlier }))
      assert.equal(await lab.verify('0s'), 'Late', earlier)
    }
  })

  for (const [what, before] of [
    ['in the same moment', NOW.toISOString()],
    ['by a clock that is ahead', '2026-03-01T10:05:00.000Z'],
  ] as const) {
    test(`has a value of its own where there is one that was made ${what}, and is later`, async () => {
      const lab = new Lab(it => it.answer('minio', { lastHandledRequest: before }), { before })
      assert.equal(await lab.verify('0s'), 'Late')
      assert.ok((lab.asked ?? '') > before, lab.asked)
    })
  }
})

describe('new credentials', () => {
  test('that somebody else asks for meanwhile are new ones, too', async () => {
    const operator: Operator = (lab, asked) => {
      lab.answer('minio', { lastHandledRequest: asked })
      lab.answer('prod', { lastHandledConnectorRequest: LATER })
    }
    assert.deepEqual(await new Lab(operator, { stores: ['prod'] }).refresh('10s'), ['minio Done', 'prod Done'])
  })

  test('of stores are told although others keep the command waiting until its time is up', async () => {
    const stuck = Array.from({ length: 8 }, (_, at) => `a-stuck-${at}`)
    const operator: Operator = (lab, asked) => {
      lab.answer('minio', { lastHandledRequest: asked })
      lab.answer('prod', { lastHandledConnectorRequest: asked })
    }
    const results = await new Lab(operator, { stores: [...stuck, 'prod'] }).refresh('1s')
    assert.deepEqual(results, ['minio Done', ...stuck.map(name => `${name} Late`), 'prod Done'])
  })
})

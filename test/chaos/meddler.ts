/**
 * Others who write to the operator's objects all the time: they count in an annotation of stores and Secrets, and in a
 * condition of stores. Each of their writes that was accepted must stay.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { MANAGED_BY_LABEL, OPERATOR } from '../../src/api/names.ts'
import { ARTIFACT_STORES, type Resource, resourcePath, SECRETS } from '../../src/kube/resource.ts'
import { type AuditedObject, MARK, MARK_CONDITION } from './judge.ts'
import type { ChaosWorld } from './world.ts'

const PAUSE_MS = 150
/** Objects that it meddles with, where there are more. */
const MAX = 50

type Read = AuditedObject & { metadata: { name: string; namespace: string } }
type Change = (object: Read, mark: number) => void

const annotate: Change = ({ metadata }, mark) => {
  metadata.annotations = { ...metadata.annotations, [MARK]: String(mark) }
}
const setCondition: Change = (object, mark) => {
  const others = object.status?.conditions?.filter(({ type }) => type !== MARK_CONDITION) ?? []
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '')
  const condition = {
    type: MARK_CONDITION,
    status: 'True',
    reason: 'Counted',
    message: String(mark),
    lastTransitionTime,
  }
  object.status = { ...object.status, conditions: [...others, condition] }
}

export class Meddler implements AsyncDisposable {
  readonly #world: ChaosWorld
  readonly #random: () => number
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(world: ChaosWorld, random: () => number) {
    this.#world = world
    this.#random = random
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#random() < 0.3) await this.#meddle(SECRETS, annotate)
        else if (this.#random() < 0.5) await this.#meddle(ARTIFACT_STORES, annotate)
        else await this.#meddle(ARTIFACT_STORES, setCondition, '/status')
      } catch {
        // The API server is away.
      }
      await sleep(PAUSE_MS)
    }
  }

  /** Changes one object. A conflict is left: there will be another time. */
  async #meddle(resource: Resource, change: Change, subresource = ''): Promise<void> {
    const { request } = this.#world.controlPlane
    const ours = resource === SECRETS ? `&labelSelector=${encodeURIComponent(`${MANAGED_BY_LABEL}=${OPERATOR}`)}` : ''
    const { json } = await request('GET', `${resourcePath(resource)}?limit=${MAX}${ours}`)
    const items = (json?.items ?? []) as Read[]
    const object = items[Math.floor(this.#random() * items.length)]
    if (!object) return
    change(object, ++this.#world.marks)
    const { namespace, name } = object.metadata
    const { apiVersion, kind } = resource
    const path = resourcePath(resource, namespace, name) + subresource
    await request('PUT', path, { ...object, apiVersion, kind })
  }
}

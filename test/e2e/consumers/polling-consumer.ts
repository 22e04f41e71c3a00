/** A consumer that reads all Secrets of a namespace again and again, uses them, and notes what must not happen. */
import { setTimeout as sleep } from 'node:timers/promises'
import { EXPIRES_AT_ANNOTATION, MANAGED_BY_LABEL, OPERATOR } from '../../../src/api/names.ts'
import { SECRETS } from '../../../src/kube/resource.ts'
import type { FastTime } from '../../support/fast-time.ts'
import { plainText } from '../../support/mounted-secret.ts'
import type { SecretObject, Tenant } from '../../support/world.ts'
import type { Credentials } from './world.ts'

const PAUSE_MS = 100

export interface Found extends Credentials {
  expiration: Date
}

export interface ConsumerOptions {
  time: FastTime
  /** Rejects when the credentials don't work. */
  use(secret: string, credentials: Found): Promise<unknown>
}

export class PollingConsumer implements AsyncDisposable {
  readonly #tenant: Tenant
  readonly #options: ConsumerOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  /** The access keys of each Secret, in the order in which they came. */
  readonly #keys = new Map<string, Set<string>>()
  readonly errors: string[] = []
  /** The shortest time that credentials had left when they were read, in ms of fast time. */
  leastLeft = Number.POSITIVE_INFINITY
  polls = 0

  constructor(tenant: Tenant, options: ConsumerOptions) {
    this.#tenant = tenant
    this.#options = options
    this.#running = this.#run()
  }

  /** How many times a Secret had other credentials than before. */
  get rotations(): number {
    return [...this.#keys.values()].reduce((sum, keys) => sum + keys.size - 1, 0)
  }

  /** The number of rotations of the Secret that had the fewest. */
  get fewest(): number {
    return Math.min(...[...this.#keys.values()].map(keys => keys.size - 1))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#poll()
      } catch (error) {
        this.errors.push(`reading: ${error}`)
      }
      await sleep(PAUSE_MS)
    }
  }

  async #poll(): Promise<void> {
    const { world, name } = this.#tenant
    const labelSelector = `${MANAGED_BY_LABEL}=${OPERATOR}`
    const { items } = await world.client.list<SecretObject>(SECRETS, name, { labelSelector })
    const now = this.#options.time.now()
    const missing = [...this.#keys.keys()].filter(known => !items.some(({ metadata }) => metadata.name === known))
    this.errors.push(...missing.map(known => `${known}: is gone`))
    await Promise.all(items.map(item => this.#look(item, now)))
    this.polls++
  }

  async #look({ metadata, data }: SecretObject, now: number): Promise<void> {
    const { name, annotations = {} } = metadata
    const values = plainText(data)
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = JSON.parse(values['credentials.json'] ?? '')
    const found = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
    const parts = [
      values['key'],
      values['secret'],
      values['session'],
      values['accessKey'],
      values['secretKey'],
      values['sessionToken'],
    ]
    const whole = Object.values(found)
    if (parts.join() !== [...whole, ...whole].join()) this.errors.push(`${name}: is torn`)

    const expiration = new Date(Expiration)
    const left = expiration.getTime() - now
    this.leastLeft = Math.min(this.leastLeft, left)
    if (!(left > 0)) this.errors.push(`${name}: ended ${-left} ms ago`)
    const stamped = Date.parse(annotations[EXPIRES_AT_ANNOTATION] ?? '')
    // The file contains whole seconds only.
    if (Math.floor(stamped / 1000) * 1000 !== expiration.getTime()) this.errors.push(`${name}: says two ends`)

    const keys = this.#keys.get(name) ?? new Set()
    this.#keys.set(name, keys)
    if (keys.has(found.accessKeyId)) return
    keys.add(found.accessKeyId)
    try {
      await this.#options.use(name, { ...found, expiration })
    } catch (error) {
      this.errors.push(`${name}: its credentials don't work: ${error}`)
    }
  }
}

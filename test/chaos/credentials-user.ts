/**
 * A consumer that uses the credentials in all projected Secrets all the time, as pods do that mount them: when the API
 * server does not answer, it goes on with what it has read last.
 */
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { S3 } from '@aws-sdk/client-s3'
import { MANAGED_BY_LABEL, OPERATOR, STORE_LABEL, STORE_NAMESPACE_LABEL } from '../../src/api/names.ts'
import { SECRETS } from '../../src/kube/resource.ts'
import { type Credentials, settingsOf } from '../e2e/consumers/world.ts'
import type { FastTime } from '../support/fast-time.ts'
import { plainText } from '../support/mounted-secret.ts'
import type { SecretObject, World } from '../support/world.ts'

const PAUSE_MS = 200
const GATHER_MS = 2_000
/** Secrets that are used, where there are more. */
const MAX = 50

export interface UserOptions {
  time: FastTime
  /** Whether what issues credentials works, or has worked again for long enough. Reads count only while it does. */
  isUp(): boolean
}

export class CredentialsUser implements AsyncDisposable {
  readonly #world: World
  readonly #options: UserOptions
  readonly #agent: https.Agent
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #secrets: SecretObject[] = []
  /** When they were asked for, in the operator's time: the answer may be slow, and tells of then or later. */
  #readAt = 0
  /** Ends of credentials that were seen, by Secret. */
  readonly #seen = new Map<string, Set<string>>()
  /** Credentials that had ended when they were read. */
  expired = 0
  /** Credentials that had not ended, and were refused: each with the error. */
  readonly refused: string[] = []
  uses = 0

  constructor(world: World, options: UserOptions) {
    this.#world = world
    this.#options = options
    this.#agent = new https.Agent({ ca: world.minio.caPem, keepAlive: true })
    this.#running = this.#run()
  }

  /** How many times each of these Secrets had other credentials than before, at least. */
  fewestRotations(secrets: string[]): number {
    return Math.min(...secrets.map(name => (this.#seen.get(name)?.size ?? 0) - 1))
  }

  /** The same of all Secrets together. */
  get rotations(): number {
    return [...this.#seen.values()].reduce((sum, ends) => sum + ends.size - 1, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#agent.destroy()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#read()
      await Promise.all(this.#secrets.map(secret => this.#use(secret)))
      await sleep(PAUSE_MS)
    }
  }

  async #read(): Promise<void> {
    const askedAt = this.#options.time.now()
    const labelSelector = `${MANAGED_BY_LABEL}=${OPERATOR},${STORE_LABEL}`
    try {
      const options = { labelSelector, timeoutMs: GATHER_MS, limit: MAX }
      this.#secrets = (await this.#world.client.list<SecretObject>(SECRETS, undefined, options)).items
      this.#readAt = askedAt
    } catch {
      // A volume keeps its files.
      this.#readAt = this.#options.time.now()
    }
  }

  async #use({ metadata, data }: SecretObject): Promise<void> {
    const { isUp } = this.#options
    const place = `${metadata.namespace}/${metadata.name}`
    const found = JSON.parse(plainText(data)['credentials.json'] ?? '{}')
    const seen = this.#seen.get(place) ?? new Set()
    this.#seen.set(place, seen.add(found.Expiration))
    if (!isUp()) return
    if (new Date(found.Expiration).getTime() <= this.#readAt) {
      this.expired++
      return
    }
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = found
    try {
      await this.#list({ accessKeyId, secretAccessKey, sessionToken }, metadata.labels ?? {})
      this.uses++
    } catch (error) {
      // What went down meanwhile refuses nobody.
      if (isUp()) this.refused.push(`${place}: ${error instanceof Error ? error.name : 'error'}`)
    }
  }

  async #list(credentials: Credentials, labels: Record<string, string>): Promise<void> {
    const s3 = new S3({ ...settingsOf(this.#world.minio, this.#agent, credentials), forcePathStyle: true })
    await s3.listObjectsV2({
      Bucket: labels[STORE_NAMESPACE_LABEL],
      Prefix: `${labels[STORE_LABEL]}/`,
      MaxKeys: 1,
    })
  }
}

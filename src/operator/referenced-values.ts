/**
 * The values of Secrets and ConfigMaps that connectors name. The watch shows only that these objects are there and
 * which version they have; whoever plans with them has them read, once for each version. Kept are the keys that are
 * named, and of all objects together no more than a bound.
 */
import { isDeepStrictEqual } from 'node:util'
import { type KubeObject, objectKey } from '../api/object.ts'
import { abortable } from '../async/deadline.ts'
import { Flights } from '../async/flights.ts'
import { KeyedLock } from '../async/keyed-lock.ts'
import { Semaphore } from '../async/semaphore.ts'
import { type KeyValues, VALUE_BYTES_MAX } from '../connectors/view.ts'
import type { Client } from '../kube/client.ts'
import { CONFIG_MAPS, SECRETS } from '../kube/resource.ts'
import { compareVersions } from '../runtime/cache.ts'

export type ValuesKind = 'Secret' | 'ConfigMap'

export interface ReferencedValuesOptions {
  client: Pick<Client, 'get'>
  /** Bytes of all values. Default 16 MiB. */
  maxBytes?: number
}

interface Entry extends KeyValues {
  names: string[]
  tooLarge: Record<string, number>
  asked: Set<string>
  namespace: string
  uid: string
  version: string
  bytes: number
}

type WithData = KubeObject & { data?: Record<string, string> }

/** Keys of an object that are kept; more are those of connectors of an earlier day. */
const ASKED_MAX = 64
/** Names of keys that are kept for messages. */
const NAMES_MAX = 20
/** An object may have a megabyte, and take several while it is read. */
const READS_AT_ONCE = 2

export class ReferencedValues {
  readonly #options: ReferencedValuesOptions
  /** The least recently read first. */
  readonly #entries = new Map<string, Entry>()
  /** Bytes of the entries of each namespace. */
  readonly #bytes = new Map<string, number>()
  #total = 0
  /** Keys that are asked for in reads under way. */
  readonly #wanted = new Map<string, Set<string>>()
  readonly #flights = new Flights<KubeObject>()
  /** A namespace reads one object after the other, so that none takes the places of all. */
  readonly #turns = new KeyedLock()
  readonly #reads = new Semaphore(READS_AT_ONCE)

  constructor(options: ReferencedValuesOptions) {
    this.#options = options
  }

  get bytes(): number {
    return this.#total
  }

  /** Returns the values of an object that the watch has shown; undefined when this version of it was not read yet. */
  get(kind: ValuesKind, { metadata }: KubeObject): KeyValues | undefined {
    const { namespace = '', name, uid, resourceVersion } = metadata
    const entry = this.#entries.get(keyOf(kind, namespace, name))
    return entry?.uid === uid && compareVersions(entry.version, resourceVersion) >= 0 ? entry : undefined
  }

  /**
   * Reads an object, and keeps the values of `keys`, and of those asked for earlier, if `accept` says so. Whoever asks
   * meanwhile shares the answer.
   */
  read(
    kind: ValuesKind,
    namespace: string,
    name: string,
    { keys, accept, signal }: { keys: Iterable<string>; accept: (object: KubeObject) => boolean; signal: AbortSignal },
  ): Promise<KubeObject> {
    const key = keyOf(kind, namespace, name)
    const wanted = this.#wanted.get(key) ?? new Set()
    for (const each of keys) wanted.add(each)
    this.#wanted.set(key, wanted)
    const never = new AbortController().signal
    const fetch = () =>
      this.#turns.run(namespace, never, () =>
        this.#reads.run(undefined, async () => {
          const resource = kind === 'Secret' ? SECRETS : CONFIG_MAPS
          try {
            const object = await this.#options.client.get<WithData>(resource, namespace, name)
            if (accept(object)) this.#keep(key, entryOf(kind, object, this.#askedOf(key, object)))
            else this.#drop(key)
            const { data: _, ...rest } = object
            return rest
          } finally {
            this.#wanted.delete(key)
          }
        }),
      )
    return abortable(this.#flights.share(key, fetch), signal)
  }

  /** Whether what is read of an object is another since it was read, which asks for it. True when that is unknown. */
  async isChanged(
    kind: ValuesKind,
    { metadata }: KubeObject,
    accept: (object: KubeObject) => boolean,
  ): Promise<boolean> {
    const { namespace = '', name, resourceVersion } = metadata
    const key = keyOf(kind, namespace, name)
    const before = this.#entries.get(key)
    if (!before) return true
    // What was written last may have been read already. It may also be what all that ask for it share.
    if (compareVersions(before.version, resourceVersion) >= 0) return true
    try {
      await this.read(kind, namespace, name, { keys: before.asked, accept, signal: new AbortController().signal })
    } catch {
      return true
    }
    const now = this.#entries.get(key)
    if (!now || now.uid !== before.uid || compareVersions(now.version, resourceVersion) < 0) return true
    return !isDeepStrictEqual(whatIsRead(before), whatIsRead(now))
  }

  /** Drops all that is known of an object. A read under way has to be asked again. */
  forget(kind: ValuesKind, { metadata: { namespace, name } }: KubeObject): void {
    const key = keyOf(kind, namespace, name)
    this.#wanted.delete(key)
    this.#drop(key)
  }

  #askedOf(key: string, { metadata }: KubeObject): Set<string> {
    const wanted = this.#wanted.get(key) ?? new Set()
    const before = this.#entries.get(key)
    const isKnown = before?.uid === metadata.uid && before.asked.size + wanted.size <= ASKED_MAX
    return isKnown ? wanted.union(before.asked) : wanted
  }

  #keep(key: string, entry: Entry): void {
    this.#drop(key)
    this.#entries.set(key, entry)
    this.#count(entry.namespace, entry.bytes)
    const { maxBytes = 16 * 2 ** 20 } = this.#options
    while (this.#total > maxBytes) this.#dropOneOf(this.#largestNamespace())
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#count(entry.namespace, -entry.bytes)
  }

  #count(namespace: string, bytes: number): void {
    const now = (this.#bytes.get(namespace) ?? 0) + bytes
    if (now > 0) this.#bytes.set(namespace, now)
    else this.#bytes.delete(namespace)
    this.#total += bytes
  }

  /** Who keeps most gives way: what others keep stays. */
  #largestNamespace(): string {
    let largest: [string, number] = ['', 0]
    for (const each of this.#bytes) if (each[1] > largest[1]) largest = each
    return largest[0]
  }

  #dropOneOf(namespace: string): void {
    for (const [key, entry] of this.#entries) {
      if (entry.namespace !== namespace || entry.bytes === 0) continue
      this.#drop(key)
      return
    }
  }
}

const keyOf = (kind: ValuesKind, namespace: string | undefined, name: string): string =>
  `${kind}/${objectKey(namespace, name)}`

const whatIsRead = ({ values, tooLarge, names }: Entry) => ({ values, tooLarge, names })

function entryOf(kind: ValuesKind, { metadata, data = {} }: WithData, asked: Set<string>): Entry {
  const { namespace = '', uid, resourceVersion: version } = metadata
  const names = Object.keys(data).sort().slice(0, NAMES_MAX)
  const entry: Entry = { namespace, uid, version, asked, names, values: {}, tooLarge: {}, bytes: 0 }
  for (const key of asked) {
    if (!Object.hasOwn(data, key)) continue
    const encoding = kind === 'Secret' ? 'base64' : 'utf8'
    const text = data[key] ?? ''
    // Measured without a copy: the answer itself takes several times as much.
    const bytes = Buffer.byteLength(text, encoding)
    if (bytes > VALUE_BYTES_MAX) {
      entry.tooLarge[key] = bytes
    } else {
      entry.values[key] = Buffer.from(text, encoding).toString()
      entry.bytes += bytes
    }
  }
  return entry
}

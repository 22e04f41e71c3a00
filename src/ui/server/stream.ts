/**
 * Streams of changes to the pages that are open. A page that reads slowly costs the names of what has changed since, and
 * nothing else: rows are made when it can take them, as they are then.
 */
import type { ServerResponse } from 'node:http'
import type { Change, Context, Key, Snapshot } from '../contract.ts'
import { connectorItem, storeItem } from './items.ts'
import type { Change as Changed, Watched } from './watched.ts'

/** Pages that may be open at the same time. */
const STREAMS_MAX = 8
/** Changes of this time are one event. */
const BATCH_MS = 100
/** A comment says that the stream lives. */
const BEAT_MS = 10_000
/** A page that takes nothing for so long is gone. */
const STUCK_MS = 60_000

interface Options {
  context: Context
  /** The API server's time, in ms. */
  now: () => number
}

export class Streams {
  readonly #options: Options
  readonly #open = new Set<Stream>()
  #watched: Watched | undefined
  #batch: NodeJS.Timeout | undefined
  readonly #beat: NodeJS.Timeout

  constructor(options: Options) {
    this.#options = options
    this.#beat = setInterval(() => this.#each(stream => stream.beat()), BEAT_MS)
  }

  /** Says where rows come from. */
  show(watched: Watched): void {
    this.#watched = watched
  }

  /** Takes a change, which the pages get a moment later. */
  changed(change: Changed): void {
    if (this.#open.size === 0) return
    this.#each(stream => stream.owe(change))
    this.#batch ??= setTimeout(() => {
      this.#batch = undefined
      this.#each(stream => stream.flush())
    }, BATCH_MS)
  }

  /** False: too many are open already. */
  open(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean {
    const watched = this.#watched
    if (!watched || this.#open.size >= STREAMS_MAX) return false
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' })
    const stream = new Stream(response, watched, this.#options)
    this.#open.add(stream)
    response.on('close', () => this.#open.delete(stream))
    return true
  }

  /** Ends all streams. Pages that may go on open them again. */
  restart(): void {
    this.#each(stream => stream.end())
  }

  close(): void {
    clearInterval(this.#beat)
    clearTimeout(this.#batch)
    this.#each(stream => stream.end())
  }

  #each(act: (stream: Stream) => void): void {
    for (const stream of this.#open) act(stream)
  }
}

class Stream {
  readonly #response: ServerResponse
  readonly #watched: Watched
  readonly #options: Options
  /** What the page has an old row of. */
  readonly #owed = { connector: new Set<Key>(), store: new Set<Key>(), links: false }
  #waitsSince: number | undefined

  constructor(response: ServerResponse, watched: Watched, options: Options) {
    this.#response = response
    this.#watched = watched
    this.#options = options
    response.on('drain', () => {
      this.#waitsSince = undefined
      this.flush()
    })
    this.#send({ kind: 'snapshot', now: this.#now(), snapshot: snapshotOf(watched, options.context) })
  }

  owe(change: Changed): void {
    if (change.kind === 'links') this.#owed.links = true
    else this.#owed[change.kind].add(change.key)
  }

  /** Sends what the page is owed, unless it still has to read what it got. */
  flush(): void {
    const { connector, store, links } = this.#owed
    if (this.#waitsSince !== undefined || (connector.size === 0 && store.size === 0 && !links)) return
    const { connector: connectorOf, store: storeOf, secret } = this.#watched
    const connectors = rowsOf(connector, connectorOf, connectorItem)
    const stores = rowsOf(store, storeOf, object => storeItem(object, secret))
    connector.clear()
    store.clear()
    this.#owed.links = false
    this.#send({
      ...{ kind: 'update', now: this.#now() },
      ...(links ? { links: this.#watched.links() } : {}),
      ...(connectors.rows.length > 0 ? { connectors: connectors.rows } : {}),
      ...(stores.rows.length > 0 ? { stores: stores.rows } : {}),
      ...(connectors.gone.length > 0 ? { goneConnectors: connectors.gone } : {}),
      ...(stores.gone.length > 0 ? { goneStores: stores.gone } : {}),
    })
  }

  beat(): void {
    if (this.#waitsSince === undefined) this.#write(': alive\n\n')
    else if (performance.now() - this.#waitsSince > STUCK_MS) this.#response.destroy()
  }

  end(): void {
    this.#response.end()
  }

  #now(): string {
    return new Date(this.#options.now()).toISOString()
  }

  #send(change: Change): void {
    this.#write(`data: ${JSON.stringify(change)}\n\n`)
  }

  #write(text: string): void {
    if (!this.#response.write(text)) this.#waitsSince ??= performance.now()
  }
}

function snapshotOf(watched: Watched, context: Context): Snapshot {
  return {
    context,
    links: watched.links(),
    connectors: watched.connectors().map(connectorItem),
    stores: watched.stores().map(store => storeItem(store, watched.secret)),
  }
}

function rowsOf<O, R>(
  keys: Iterable<Key>,
  find: (key: Key) => O | undefined,
  rowOf: (object: O) => R,
): { rows: R[]; gone: Key[] } {
  const [rows, gone]: [R[], Key[]] = [[], []]
  for (const key of keys) {
    const object = find(key)
    if (object === undefined) gone.push(key)
    else rows.push(rowOf(object))
  }
  return { rows, gone }
}

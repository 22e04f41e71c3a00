/** `kubectl artifactstore ui` as a process, with calls as the page makes them. All that it answers is kept. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Change, ConnectorItem, Key, Link, Refusal, StoreItem } from '../../src/ui/contract.ts'
import { endWithUs } from './client-process.ts'
import type { CommandLine } from './command-line.ts'
import { until } from './until.ts'

/** What a page has after the changes so far. */
export class Mirror {
  readonly changes: Change[] = []
  readonly stores = new Map<Key, StoreItem>()
  readonly connectors = new Map<Key, ConnectorItem>()
  links: Link[] = []

  take(change: Change): void {
    this.changes.push(change)
    if (change.kind === 'snapshot') {
      this.stores.clear()
      this.connectors.clear()
    }
    const { stores = [], connectors = [], links } = change.kind === 'snapshot' ? change.snapshot : change
    for (const one of stores) this.stores.set(one.key, one)
    for (const one of connectors) this.connectors.set(one.key, one)
    if (links) this.links = links
    if (change.kind === 'snapshot') return
    for (const key of change.goneStores ?? []) this.stores.delete(key)
    for (const key of change.goneConnectors ?? []) this.connectors.delete(key)
  }
}

export class UiProcess {
  readonly url: URL
  readonly token: string
  /** Every answer that it gave, as text. */
  readonly said: string[] = []
  readonly #child: ChildProcess
  readonly #streams: AbortController[] = []

  private constructor(child: ChildProcess, url: URL) {
    this.#child = child
    this.url = url
    this.token = url.hash.replace('#token=', '')
  }

  /** Starts it with these words: `-A`, `-n ml`. Rejects with what it printed where it ends instead. */
  static async start(cli: CommandLine, words: string, kubeconfig?: string): Promise<UiProcess> {
    const child = spawn(join(cli.folder, 'kubectl-artifactstore'), ['ui', ...words.split(' ')], {
      env: cli.env(kubeconfig),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    endWithUs(child)
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        printed += text
      })
    }
    const ended = once(child, 'close').then(([code]) => Promise.reject(new Error(`ended with ${code}: ${printed}`)))
    ended.catch(() => {})
    const url = until('the URL', () => /http:\S+/.exec(printed)?.[0], { last: () => printed })
    return new UiProcess(child, new URL(await Promise.race([url, ended])))
  }

  /** Ends it as a person does. Returns the exit code. */
  async stop(): Promise<number | null> {
    for (const stream of this.#streams) stream.abort()
    if (this.#child.exitCode !== null) return this.#child.exitCode
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGINT')
    return (await closed)[0] as number | null
  }

  async fetch(path: string, { headers, ...rest }: RequestInit = {}): Promise<Response> {
    const own = { Authorization: `Bearer ${this.token}`, ...(rest.body ? { 'Content-Type': 'application/json' } : {}) }
    return fetch(new URL(path, this.url.origin), { ...rest, headers: { ...own, ...headers } })
  }

  /** The answer of a call, with its status where that is not 200. */
  async call<T>(path: string, body?: object): Promise<T & Partial<Refusal> & { status?: number }> {
    const response = await this.fetch(path, body ? { method: 'POST', body: JSON.stringify(body) } : {})
    const text = await response.text()
    this.said.push(text)
    const answer = JSON.parse(text)
    return response.ok ? answer : { ...answer, status: response.status }
  }

  /** Follows the changes, and resolves once everything is there. */
  async follow(): Promise<Mirror> {
    const controller = new AbortController()
    this.#streams.push(controller)
    const response = await this.fetch('/api/changes', { signal: controller.signal })
    const mirror = new Mirror()
    void this.#read(response, mirror).catch(() => {})
    await until('the snapshot', () => mirror.changes.length > 0)
    return mirror
  }

  async #read(response: Response, mirror: Mirror): Promise<void> {
    let rest = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (rest + chunk).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        this.said.push(part)
        if (part.startsWith('data: ')) mirror.take(JSON.parse(part.slice('data: '.length)))
      }
    }
  }
}

/** An informer for tests, with a scripted API server, a clock that stands still, and a record of what happened. */

import type { KubeObject } from '../../../src/api/object.ts'
import type { Client } from '../../../src/kube/client.ts'
import { createClient } from '../../../src/kube/kube-client.ts'
import { SECRETS } from '../../../src/kube/resource.ts'
import { createTransport } from '../../../src/kube/transport.ts'
import { Informer, type InformerOptions } from '../../../src/runtime/informer.ts'
import { type Exchange, json, type ScriptedServer, type Step, startScriptedServer } from '../scripted-server.ts'
import { createFakeClock, type FakeClock, settle } from './fake-clock.ts'

export interface InformerHarness {
  server: ScriptedServer
  client: Client
  clock: FakeClock
  /** Aborts the informer. */
  stop: AbortController
  /** Events as `added a@7`, `updated a@7->9` or `deleted a@9`. */
  events: string[]
  /** Errors as `list 404`, `watch ECONNRESET` or `handler oops`. */
  errors: string[]
  informer: Informer<KubeObject>
  /** The promise that `informer.start` returned. */
  stopped: Promise<void>
  /** Creates an informer with the shortest possible delays, and starts it. */
  start(options?: Partial<InformerOptions<KubeObject>>, arrange?: (informer: Informer<KubeObject>) => void): void
  until(condition: () => boolean): Promise<void>
  untilEvents(count: number): Promise<void>
  /** Waits for the delay before the next attempt, and returns it. */
  delay(): Promise<number>
  /** The requests so far, as `list`, `list <continue>` or `watch <resourceVersion>`. */
  requests(): string[]
  close(): Promise<void>
}

export async function createInformerHarness(): Promise<InformerHarness> {
  const server = await startScriptedServer()
  // Each call is a minute after the one before, so that a 403 is never that of an API server which has just started.
  let minutes = 0
  const transport = createTransport({ access: server.access, monotonic: () => 60_000 * ++minutes })
  const client = createClient(transport)
  const [clock, stop] = [createFakeClock(), new AbortController()]
  const [events, errors]: [string[], string[]] = [[], []]

  const defaults: InformerOptions<KubeObject> = {
    client,
    resource: SECRETS,
    clock,
    random: () => 0,
    onError: (error, { phase }) => {
      const { code, message } = error as { code?: number | string; message: string }
      errors.push(`${phase} ${code ?? message}`)
    },
  }
  const harness: InformerHarness = {
    server,
    client,
    clock,
    stop,
    events,
    errors,
    informer: new Informer(defaults),
    stopped: Promise.resolve(),
    start(options, arrange) {
      const informer = new Informer<KubeObject>({ ...defaults, ...options })
      arrange?.(informer)
      informer.on(event => {
        const { name, resourceVersion } = event.object.metadata
        const old = event.type === 'updated' ? `${event.old.metadata.resourceVersion}->` : ''
        events.push(`${event.type} ${name}@${old}${resourceVersion}`)
      })
      harness.informer = informer
      harness.stopped = informer.start(stop.signal)
    },
    async until(condition) {
      while (!condition()) await settle()
    },
    untilEvents: count => harness.until(() => events.length >= count),
    async delay() {
      await harness.until(() => harness.informer.state.name === 'waiting')
      const { state } = harness.informer
      return state.name === 'waiting' ? state.ms : 0
    },
    requests: () =>
      server.requests.map(({ query }) => {
        if (query.has('watch')) return `watch ${query.get('resourceVersion')}`
        return query.has('continue') ? `list ${query.get('continue')}` : 'list'
      }),
    async close() {
      stop.abort()
      await harness.stopped
      await transport.close()
      await server.close()
    },
  }
  return harness
}

export const secret = (name: string, version: number, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'ml', uid, resourceVersion: String(version) },
})

/** A page of a list. */
export const list = (version: number, items: KubeObject[], token?: string): Step =>
  json({ metadata: { resourceVersion: String(version), continue: token }, items })

/** A watch that stays open, whose events come from the test. */
export function openWatch() {
  let exchange: Exchange | undefined
  const write = (event: object): void => void exchange?.response.write(`${JSON.stringify(event)}\n`)
  return {
    step: ((opened: Exchange) => {
      exchange = opened
      opened.response.writeHead(200).flushHeaders()
    }) satisfies Step,
    send: (type: string, object: KubeObject) => write({ type, object }),
    bookmark: (version: number) =>
      write({ type: 'BOOKMARK', object: { kind: 'Secret', metadata: { resourceVersion: String(version) } } }),
    fail: (code: number) => write({ type: 'ERROR', object: { code, reason: 'Expired', message: 'too old' } }),
    end: () => exchange?.response.end(),
    reset: () => exchange?.response.socket?.resetAndDestroy(),
  }
}

/** A controller of widgets, with everything around it that tests check. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Failure } from '../../../src/api/failures.ts'
import type { KubeObject, ObjectMeta } from '../../../src/api/object.ts'
import type { JsonPatchOperation } from '../../../src/kube/client.ts'
import { type ControllerOptions, createController, type Result } from '../../../src/runtime/controller.ts'
import { Informer, type InformerEvent } from '../../../src/runtime/informer.ts'
import type { EventRecord, Outcome } from '../../../src/runtime/outcome.ts'
import { asJson } from '../../../src/runtime/status.ts'
import { createFakeClock, settle } from './fake-clock.ts'
import {
  CONFLICT,
  FAILED_TEST,
  fakeClient,
  fakeLog,
  nextVersion,
  type Widget,
  type WidgetStatus,
  widget,
} from './fakes.ts'

const WIDGETS = { apiVersion: 'test.dev/v1', kind: 'Widget', plural: 'widgets', namespaced: true }
export const DONE: Outcome<WidgetStatus> = { next: 'await-change' }
export const READY: WidgetStatus = { observedGeneration: 1, phase: 'Ready', parts: ['a'] }
const CRASHED = (_: Widget, failure: Failure): Outcome<WidgetStatus> => ({
  status: { observedGeneration: 1, phase: failure.reason, parts: [failure.message] },
  next: failure,
})

type Options = ControllerOptions<Widget, WidgetStatus>

const valueAt = (object: unknown, path: string): unknown =>
  path
    .slice(1)
    .split('/')
    .reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], object)

export function setUp(
  reconcile: (object: Widget, signal: AbortSignal, run: number) => Promise<Outcome<WidgetStatus>>,
  options: Partial<Omit<Options, 'reconcile'>> & {
    objects?: Widget[]
    onApply?: (write: number) => Promise<void>
  } = {},
) {
  const { objects = [widget('a')], onApply, ...rest } = options
  const clock = createFakeClock()
  const log = fakeLog()
  const drain = new AbortController()
  const abort = new AbortController()
  const informer = new Informer<Widget>({
    client: fakeClient(),
    resource: WIDGETS,
    onError: error => assert.fail(String(error)),
  })
  const handlers: ((event: InformerEvent<Widget>) => void)[] = []
  const source: Options['informer'] = {
    cache: informer.cache,
    observe: object => informer.observe(object),
    on(handler) {
      handlers.push(handler)
      informer.on(handler)
    },
  }
  /** Names of the objects reconciled, in order. */
  const runs: string[] = []
  const writes: Widget[] = []
  const events: EventRecord[] = []
  const results: Result[] = []
  /** Objects that were made anew, which no watch has told yet. */
  const remade = new Map<string, Widget>()
  /** Stores the status if the object is still as it must be for that. */
  const store = async <T>(name: string, status: WidgetStatus, check: (known: Widget) => void): Promise<T> => {
    writes.push({ ...(informer.cache.get(`ns/${name}`) as Widget), status })
    await onApply?.(writes.length)
    const known = remade.get(name) ?? (informer.cache.get(`ns/${name}`) as Widget)
    check(known)
    const metadata = { ...known.metadata, resourceVersion: nextVersion() }
    return { ...known, metadata, status } as unknown as T
  }
  const client = fakeClient({
    raw: async () => ({ major: '1', minor: '36' }),
    replaceStatus: <T extends KubeObject>(
      _: unknown,
      { name, uid, resourceVersion }: Pick<ObjectMeta, 'name' | 'uid' | 'resourceVersion'>,
      status: object,
    ) =>
      store<T>(name, asJson(status) as WidgetStatus, ({ metadata: known }) => {
        if (known.uid !== uid || known.resourceVersion !== resourceVersion) throw CONFLICT
      }),
    async jsonPatch<T extends KubeObject>(
      _: unknown,
      { name }: Pick<ObjectMeta, 'name'>,
      operations: JsonPatchOperation[],
      call?: { subresource?: 'status' },
    ) {
      assert.equal(call?.subresource, 'status')
      const [tests, status] = [operations.slice(0, -1), operations.at(-1)]
      assert.equal(tests[0]?.path, '/metadata/uid')
      assert.equal(`${status?.op} ${status?.path}`, 'add /status')
      return store<T>(name, status?.value as WidgetStatus, known => {
        for (const { op, path, value } of tests) {
          assert.equal(op, 'test')
          if (!isDeepStrictEqual(valueAt(known, path) ?? null, value)) throw FAILED_TEST
        }
      })
    },
  })
  for (const object of objects) informer.observe(object)
  const controller = createController<WidgetStatus, Widget>({
    name: 'widgets',
    resource: WIDGETS,
    client,
    informer: source,
    clock,
    log,
    random: () => 0.5,
    recorder: { record: (_, event) => void events.push(event), stop: async () => {} },
    hooks: { depth() {}, latency() {}, statusWritten() {}, reconciled: result => void results.push(result) },
    onCrash: CRASHED,
    reconcile(object, signal) {
      runs.push(object.metadata.name)
      return reconcile(object, signal, runs.length)
    },
    ...rest,
  })
  let ended = false
  const start = async () => {
    controller.run({ drain: drain.signal, abort: abort.signal }).then(() => {
      ended = true
    })
    await settle()
  }
  /** Changes the object as if somebody else had edited it. */
  const change = (name: string, edit: (object: Widget) => Partial<Widget>, generation = 0) => {
    const known = informer.cache.get(`ns/${name}`) as Widget
    const metadata = {
      ...known.metadata,
      generation: (known.metadata.generation ?? 0) + generation,
      resourceVersion: nextVersion(),
    }
    informer.observe({ ...known, metadata, ...edit(known) })
  }
  /** The object as a watch reports its end. */
  const remove = (name: string) => {
    const known = informer.cache.get(`ns/${name}`) as Widget
    const metadata = { ...known.metadata, resourceVersion: nextVersion() }
    const object = informer.cache.delete({ ...known, metadata })
    assert.ok(object)
    for (const handler of handlers) handler({ type: 'deleted', object })
  }
  return {
    clock,
    log,
    informer,
    controller,
    start,
    change,
    remove,
    remade,
    runs,
    writes,
    events,
    results,
    drain,
    abort,
    ended: () => ended,
  }
}

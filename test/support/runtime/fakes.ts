/** Fakes for tests of the runtime: a client, a log and widgets. */
import type { Condition } from '../../../src/api/conditions.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import type { Client } from '../../../src/kube/client.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import type { Log } from '../../../src/runtime/log.ts'

/** The answer of kube-apiserver to a PUT of an object that has changed, or was made anew. */
export const CONFLICT = new ApiError(
  409,
  {
    reason: 'Conflict',
    message: 'Operation cannot be fulfilled on widgets.test.dev "a": the object has been modified',
  },
  'update',
)

/** The answer of kube-apiserver to a JSON patch that can't be applied, such as one whose `test` does not hold. */
export const FAILED_TEST = new ApiError(
  422,
  { reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} },
  'patch',
)

/** A client with only these methods. Any other call is an error, so that a test can check that nothing is called. */
export function fakeClient(methods: Partial<Client> = {}): Client {
  return new Proxy({} as Client, {
    get(_, method) {
      const given = methods[method as keyof Client]
      if (given) return given
      return () => {
        throw new Error(`unexpected call: ${String(method)}`)
      }
    },
  })
}

interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error'
  fields: Record<string, unknown>
  message: string
}

export interface FakeLog extends Log {
  /** The lines that were logged, also by child loggers. */
  lines: LogLine[]
  messages(level: LogLine['level']): string[]
}

export function fakeLog(): FakeLog {
  const lines: LogLine[] = []
  const at =
    (level: LogLine['level'], base: object) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields: { ...base, ...fields }, message })
  const make = (base: object): FakeLog => ({
    lines,
    messages: level => lines.filter(line => line.level === level).map(({ message }) => message),
    debug: at('debug', base),
    info: at('info', base),
    warn: at('warn', base),
    error: at('error', base),
    child: fields => make({ ...base, ...fields }),
  })
  return make({})
}

export interface Widget extends KubeObject {
  spec: { size: number }
  status?: WidgetStatus
}

export interface WidgetStatus {
  observedGeneration?: number
  conditions?: Condition[]
  phase?: string
  parts?: string[]
}

let versions = 0
/** A resourceVersion that is later than all earlier ones. */
export const nextVersion = (): string => String(++versions)

export const widget = (
  name: string,
  {
    namespace = 'ns',
    generation = 1,
    uid = `uid-${name}`,
    status,
  }: { namespace?: string; generation?: number; uid?: string; status?: WidgetStatus } = {},
): Widget => ({
  apiVersion: 'test.dev/v1',
  kind: 'Widget',
  metadata: { name, namespace, uid, generation, resourceVersion: nextVersion() },
  spec: { size: 1 },
  ...(status ? { status } : {}),
})

/** The calls below /api/ but the stream: from a path to an answer. */
import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import type { Waiting } from '../../cli/actions/await.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { CommandFailure, EXIT } from '../../cli/frame/failures.ts'
import { harmless } from '../../cli/text/harmless.ts'
import type { Shell } from '../../cli/text/kubectl.ts'
import { isFailedCall, TransportError } from '../../kube/errors.ts'
import type { ActionRequest, CureRequest } from '../contract.ts'
import { act } from './acts.ts'
import { readBody } from './body.ts'
import { connectorDetail, storeDetail } from './detail.ts'
import { isRefused, type Refused, refused, wrongMethod } from './gate.ts'
import { RecentFacts } from './recent-facts.ts'
import { previewCure, runCure, troubleOf } from './trouble.ts'
import type { Watched } from './watched.ts'

export interface Desk {
  cluster: Cluster
  watched: Watched
  shell: Shell
  now: () => Date
  /** Aborts when the server ends. */
  signal: AbortSignal
}

type Furnished = Desk & { facts: RecentFacts }

/** Calls that wait for the operator: each holds a watch. */
const WAITS_MAX = 4
const WAIT = { timeout: '2m' }

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)
const actionSchema: z.ZodType<ActionRequest> = z.object({ kind: z.enum(['store', 'connector']), namespace: name, name })
const cureSchema: z.ZodType<CureRequest> = z.object({ digest: z.string().max(64) })

interface Call {
  path: string
  request: IncomingMessage
  /** Aborts when the page is gone, too. */
  signal: AbortSignal
}

/** The groups of a path, and what answers it. */
type Route = readonly ['GET' | 'POST', RegExp, (desk: Furnished, call: Call, groups: string[]) => Promise<object>]

const ROUTES: readonly Route[] = [
  ['GET', /^\/api\/trouble$/, async (desk, { signal }) => troubleOf(desk, signal)],
  [
    'GET',
    /^\/api\/(store|connector)s\/([a-z0-9][a-z0-9.-]{0,252})\/([a-z0-9][a-z0-9.-]{0,252})$/,
    async (desk, { signal }, [kind, ...names]) => {
      const key = names.join('/')
      const detail = await (kind === 'store' ? storeDetail : connectorDetail)(desk, key, signal)
      return detail ?? refused(404, 'NotFound', `there is no ${kind} "${key}", or the page is not about it`)
    },
  ],
  [
    'POST',
    /^\/api\/actions\/(verify|refresh)$/,
    async (desk, { request, signal }, [action]) =>
      withBody(request, actionSchema, body =>
        act(desk.cluster, action === 'verify' ? 'verify' : 'refresh', body, { ...waiting(signal), now: desk.now }),
      ),
  ],
  [
    'POST',
    /^\/api\/cures\/([\w-]{16})\/preview$/,
    async (desk, { request, signal }, [id = '']) =>
      withBody(request, z.object({}), () => previewCure(desk, id, signal)),
  ],
  // What has begun to change the cluster goes on when the page is closed.
  [
    'POST',
    /^\/api\/cures\/([\w-]{16})$/,
    async (desk, { request }, [id = '']) =>
      withBody(request, cureSchema, ({ digest }) => runCure(desk, { id, digest }, waiting(desk.signal))),
  ],
]

export class Calls {
  readonly #desk: Furnished
  #waits = 0

  constructor(desk: Desk) {
    this.#desk = { ...desk, facts: new RecentFacts(desk.signal) }
  }

  /** The answer, or why there is none. Rejects when the page is gone, and for faults of the program. */
  async answer(call: Call): Promise<object | Refused> {
    const { method = '' } = call.request
    const routes = ROUTES.filter(([, pattern]) => pattern.test(call.path))
    const [, pattern, act] = routes.find(([verb]) => verb === method) ?? []
    if (!pattern || !act) {
      const [known] = routes
      return known ? wrongMethod(known[0]) : refused(404, 'NotFound', 'there is no such call')
    }
    if (method === 'POST' && this.#waits >= WAITS_MAX)
      return refused(429, 'Busy', 'too much is waited for at the same time: try again when something of it is done')
    const groups = pattern.exec(call.path)?.slice(1) ?? []
    if (method === 'POST') this.#waits++
    try {
      return await act(this.#desk, call, groups)
    } catch (error) {
      return refusalOf(error)
    } finally {
      if (method === 'POST') this.#waits--
    }
  }
}

async function withBody<T>(request: IncomingMessage, schema: z.ZodType<T>, act: (body: T) => Promise<object>) {
  const read = await readBody(request, schema)
  return isRefused(read) ? read : act(read.body)
}

const waiting = (signal: AbortSignal): Waiting => ({ options: WAIT, progress() {}, signal })

/** Failures of the cluster, and of commands, as an answer. Throws what is neither. */
function refusalOf(error: unknown): Refused {
  if (error instanceof CommandFailure) {
    if (error.cause instanceof TransportError) return refused(502, 'Broken', error.message)
    return error.code === EXIT.noAccess
      ? refused(403, 'Forbidden', error.message)
      : refused(422, 'Failed', error.message)
  }
  if (isFailedCall(error)) return refused(502, 'Broken', harmless(error.message))
  throw error
}

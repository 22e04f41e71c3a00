/** Calls of the server that has sent this page. */
import type {
  ActionRequest,
  Change,
  ConnectorDetail,
  CureOutcome,
  CurePreview,
  CureRequest,
  Entry,
  EntryRequest,
  Outcome,
  Refusal,
  StoreDetail,
  Trouble,
} from '../../contract.ts'
import { eventReader } from '../model/events.ts'
import type { Attempt } from '../model/freshness.ts'

/** An answer that is not what was asked for. The message says what, where, and what to do. */
class CallError extends Error {
  readonly code: Refusal['code'] | 'Unreachable'

  constructor({ code, words }: { code: CallError['code']; words: string }) {
    super(words)
    this.code = code
  }
}

const STOPPED =
  'The server of this page has stopped. Run "kubectl artifactstore ui" again, and open the URL that it prints.'
/** The server is never silent for as long. */
const SILENCE_MS = 30_000
const FIRST_WAIT_MS = 500
const LAST_WAIT_MS = 3_000

export class Server {
  readonly #token: Promise<string>

  constructor(token: Promise<string>) {
    this.#token = token
  }

  store = (namespace: string, name: string, signal: AbortSignal): Promise<StoreDetail> =>
    this.#json(`stores/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`, { signal })
  connector = (namespace: string, name: string, signal: AbortSignal): Promise<ConnectorDetail> =>
    this.#json(`connectors/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`, { signal })
  trouble = (signal: AbortSignal): Promise<Trouble> => this.#json('trouble', { signal })
  act = (action: 'verify' | 'refresh', request: ActionRequest): Promise<Outcome[]> =>
    this.#json(`actions/${action}`, posted(request))
  preview = (id: string): Promise<CurePreview> => this.#json(`cures/${encodeURIComponent(id)}/preview`, posted({}))
  cure = (id: string, request: CureRequest): Promise<CureOutcome> =>
    this.#json(`cures/${encodeURIComponent(id)}`, posted(request))

  /** Reads changes until the signal aborts; where the stream ends, it begins anew. Does not reject. */
  async changes(on: { change(change: Change): void; attempt(attempt: Attempt): void }, signal: AbortSignal) {
    let wait = FIRST_WAIT_MS
    while (!signal.aborted) {
      on.attempt({ state: 'connecting' })
      try {
        await this.#read(signal, change => {
          wait = FIRST_WAIT_MS
          on.attempt({ state: 'live' })
          on.change(change)
        })
      } catch (error) {
        if (signal.aborted) return
        const refused = error instanceof CallError && (error.code === 'NoToken' || error.code === 'Forbidden')
        on.attempt({
          state: refused ? 'refused' : 'lost',
          words: error instanceof CallError ? error.message : STOPPED,
        })
        if (refused) return
      }
      await new Promise(resolve => setTimeout(resolve, wait))
      wait = Math.min(LAST_WAIT_MS, wait * 2)
    }
  }

  async #read(signal: AbortSignal, on: (change: Change) => void): Promise<void> {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), SILENCE_MS)
    try {
      const response = await this.#call('changes', { signal: AbortSignal.any([signal, silence.signal]) })
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      const events = eventReader()
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
        if (done || value === undefined) return
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), SILENCE_MS)
        for (const data of events(value)) on(JSON.parse(data) as Change)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.#call(path, init)
    return (await response.json()) as T
  }

  async #call(path: string, init: RequestInit): Promise<Response> {
    return called(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${await this.#token}` } })
  }
}

/** Gets a token for the code with which a browser was opened. */
export async function exchange(code: string): Promise<string> {
  const response = await called('session', posted({ code } satisfies EntryRequest))
  return ((await response.json()) as Entry).token
}

async function called(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`api/${path}`, { ...init, cache: 'no-store' }).catch(error => {
    throw init.signal?.aborted ? error : new CallError({ code: 'Unreachable', words: STOPPED })
  })
  if (response.ok) return response
  const refusal: Refusal | undefined = await response.json().catch(() => undefined)
  throw new CallError(refusal ?? { code: 'Broken', words: `The server answered with status ${response.status}.` })
}

const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

/** What to show a person of any failure. */
export const wordsOfError = (error: unknown): string => (error instanceof Error ? error.message : String(error))

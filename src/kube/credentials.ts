/** Credentials for the API server that follow rotated files, short-lived tokens and exec plugins. */
import type { ConnectionOptions } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { TransportError } from './errors.ts'

export type TlsMaterial = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>

/** Credentials of one request. Never log them. */
export interface Credentials {
  /** Headers `authorization` and `impersonate-user`, as far as they apply. */
  headers: Record<string, string>
  /** Material for TLS: the same object as long as nothing in it has changed. */
  tls: TlsMaterial
}

/** Where credentials are read from, with the name of its context. It may keep what it has read. */
export interface CredentialReader {
  context: string
  read(): Promise<Credentials>
}

export interface CredentialSource {
  /** Returns the current credentials: the same object as long as nothing has changed. Rejects with a TransportError. */
  get(): Promise<Credentials>
  /** Reads everything anew after a 401. Resolves to `refused` itself when there is nothing better. */
  refresh(refused: Credentials): Promise<Credentials>
}

/** How often files (CA, certificates, tokens) are read; kubelet replaces a token when 20% of its life are left. */
const REREAD_MS = 30_000
/** Pause between refreshes: credentials that are refused for good must not start an exec plugin for each request. */
const REFRESH_PAUSE_MS = 10_000

/** Keeps credentials fresh. `load` makes a reader anew, without what it has kept; `reader` is the first. */
export function createCredentialSource(
  load: () => CredentialReader,
  reader: CredentialReader,
  monotonic: () => number = () => performance.now(),
): CredentialSource {
  let current: Credentials | undefined
  let readAt = 0
  let refreshedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<Credentials> | undefined
  let refreshing: Promise<Credentials> | undefined

  async function read(): Promise<Credentials> {
    const fresh = await readBy(reader)
    if (current && isDeepStrictEqual(current.tls, fresh.tls)) fresh.tls = current.tls
    if (!current || !isDeepStrictEqual(current, fresh)) current = fresh
    readAt = monotonic()
    return current
  }

  async function reload(): Promise<Credentials> {
    refreshedAt = monotonic()
    try {
      reader = load()
    } catch (error) {
      throw new TransportError(`kubeconfig: ${explain(error)}`)
    }
    return read()
  }

  return {
    async get() {
      if (current && monotonic() - readAt < REREAD_MS) return current
      reading ??= read().finally(() => {
        reading = undefined
      })
      return reading
    },
    async refresh(refused) {
      if (current && current !== refused) return current
      if (!refreshing && monotonic() - refreshedAt < REFRESH_PAUSE_MS) return refused
      refreshing ??= reload().finally(() => {
        refreshing = undefined
      })
      return refreshing
    },
  }
}

async function readBy({ context, read }: CredentialReader): Promise<Credentials> {
  try {
    return await read()
  } catch (error) {
    throw new TransportError(`credentials of context "${context}": ${explain(error)}`)
  }
}

/** Describes an error without its cause and without a parser's message, which quotes what the exec plugin printed. */
function explain(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof TypeError) return 'the exec plugin printed no ExecCredential'
  return (error as Error).message.trim().slice(0, 500) || 'the exec plugin failed without a message'
}

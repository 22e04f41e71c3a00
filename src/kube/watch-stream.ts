/** Decodes the body of a watch, in which each line is a JSON document. */
import type { Readable } from 'node:stream'
import type { WatchEvent } from './client.ts'
import { noAnswer, TransportError, WatchError } from './errors.ts'

export interface WatchStreamOptions {
  /** Name of the request in errors: `watch /api/v1/secrets`. */
  what: string
  /** Time without a byte after which the stream counts as broken. */
  idleTimeoutMs: number
  signal: AbortSignal
}

/**
 * Ends when the server ends the stream between two events. Rejects with the WatchError of an ERROR event, with a
 * TransportError when the stream breaks or falls silent, or with the signal's reason. Reads on only when asked for
 * the next event, and closes the connection when the consumer stops.
 */
export async function* decodeWatch<T>(body: Readable, options: WatchStreamOptions): AsyncGenerator<WatchEvent<T>> {
  for await (const line of splitLines(readChunks(body, options), options.what)) {
    const event = parse(line, options.what)
    if (event.type === 'ERROR') {
      const status = event.object as { code?: number; message?: string }
      throw new WatchError(status.code ?? 500, status, options.what)
    }
    yield event as WatchEvent<T>
  }
}

/** Yields the chunks of the body. The timer runs only while one is awaited, not while the consumer is busy. */
async function* readChunks(
  body: Readable,
  { what, idleTimeoutMs, signal }: WatchStreamOptions,
): AsyncGenerator<Uint8Array> {
  const fellSilent = (): void => {
    body.destroy(new TransportError(`${what}: silent for ${idleTimeoutMs / 1000} s`))
  }
  let timer = setTimeout(fellSilent, idleTimeoutMs)
  try {
    for await (const chunk of body) {
      clearTimeout(timer)
      yield chunk
      timer = setTimeout(fellSilent, idleTimeoutMs)
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : noAnswer(what, error)
  } finally {
    clearTimeout(timer)
  }
}

const NEWLINE = 0x0a

/** Splits bytes, not text: in UTF-8 the byte of a newline is part of nothing else, but a chunk may cut a character. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<string> {
  let rest: Uint8Array[] = []
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      rest.push(chunk.subarray(start, end))
      const line = Buffer.concat(rest).toString('utf8')
      rest = []
      start = end + 1
      if (line) yield line
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  if (rest.length > 0) throw new TransportError(`${what}: ended in the middle of an event`)
}

function parse(line: string, what: string): { type: string; object: object } {
  try {
    return JSON.parse(line)
  } catch {
    // The parser's message is left out: it quotes the line, which may be a Secret.
    throw new TransportError(`${what}: an event is no JSON`)
  }
}

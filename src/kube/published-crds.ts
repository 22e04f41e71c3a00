/** What the API server publishes of the operator's CRDs, which everybody in a cluster may read (docs/adr/0044). */
import { API_VERSION } from '../api/names.ts'
import type { CallOptions, Client } from './client.ts'
import { orNothing, TransportError } from './errors.ts'

const API = `apis/${API_VERSION}`

/** The API server has our API, and has not published it yet, or not to all of its parts. */
export class NotYetPublished extends TransportError {}

/**
 * OpenAPI v3 of the operator's API; undefined: the API server has no such API. Rejects as a call does, also with 404 where
 * the API server publishes nothing at all.
 */
export async function publishedDocument(client: Pick<Client, 'raw'>, options: CallOptions): Promise<unknown> {
  const document = await client.raw(`/openapi/v3/${API}`, options).catch(orNothing)
  if (document !== undefined) return document
  const { paths } = (await client.raw('/openapi/v3', options)) as { paths?: Record<string, object> | null }
  // An API server that starts serves our API for a second before it publishes anything of it.
  if (paths?.[API] || (await client.raw(`/${API}`, options).catch(orNothing))) {
    throw new NotYetPublished('get raw: the CRDs are being published')
  }
  return undefined
}

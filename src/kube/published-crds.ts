/** What the API server publishes of the operator's CRDs, which everybody in a cluster may read (docs/adr/0044). */
import { API_VERSION } from '../api/names.ts'
import type { CallOptions, Client } from './client.ts'
import { isNotFound, TransportError } from './errors.ts'

const DOCUMENT = `apis/${API_VERSION}`

/** The API server has our API, and has not published it yet, or not to all of its parts. */
export class NotYetPublished extends TransportError {}

/**
 * OpenAPI v3 of the operator's API; undefined: the API server has no such API. Rejects as a call does, also with 404 where
 * the API server publishes nothing at all.
 */
export async function publishedDocument(client: Pick<Client, 'raw'>, options: CallOptions): Promise<unknown> {
  try {
    return await client.raw(`/openapi/v3/${DOCUMENT}`, options)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  const { paths } = (await client.raw('/openapi/v3', options)) as { paths?: Record<string, object> | null }
  if (paths?.[DOCUMENT] || (await isServed(client, options))) {
    throw new NotYetPublished('get raw: the CRDs are being published')
  }
  return undefined
}

/** Whether the API server has our API: one that starts serves it for a second before it publishes anything of it. */
async function isServed(client: Pick<Client, 'raw'>, options: CallOptions): Promise<boolean> {
  try {
    await client.raw(`/${DOCUMENT}`, options)
    return true
  } catch (error) {
    if (!isNotFound(error)) throw error
    return false
  }
}

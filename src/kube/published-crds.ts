/** What the API server publishes of the operator's CRDs, which everybody in a cluster may read (docs/adr/0044). */
import { API_VERSION } from '../api/names.ts'
import type { CallOptions, Client } from './client.ts'
import { isNotFound, TransportError } from './errors.ts'

const DOCUMENT = `apis/${API_VERSION}`

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
  if (paths?.[DOCUMENT]) throw new TransportError('get raw: the CRDs are being published')
  return undefined
}

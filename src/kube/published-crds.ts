/** What the API server publishes of the operator's CRDs, which everybody in a cluster may read (docs/adr/0044). */
import { API_VERSION } from '../api/names.ts'
import type { CallOptions, Client } from './client.ts'

const DOCUMENT = `apis/${API_VERSION}`

/** What tells one publication of our API from another; undefined: the API server has no such API. */
export async function publishedVersion(client: Pick<Client, 'raw'>, options: CallOptions): Promise<string | undefined> {
  const index = (await client.raw('/openapi/v3', options)) as {
    paths?: Record<string, { serverRelativeURL?: string }>
  }
  const { [DOCUMENT]: document } = index.paths ?? {}
  return document && (document.serverRelativeURL ?? '')
}

/** OpenAPI v3 of the operator's API. */
export const publishedDocument = (client: Pick<Client, 'raw'>, options: CallOptions): Promise<unknown> =>
  client.raw(`/openapi/v3/${DOCUMENT}`, options)

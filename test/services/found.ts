/** What the conformance suite finds out about a service: recorded as JSON, of which docs/services.md is made. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Ways in which a connector gets and issues credentials. */
export const WAYS = [
  'accessKey',
  'accessKey, SessionToken',
  'accessKey, FederationToken',
  'accessKey, Static',
  'assumeRoles',
  'webIdentity',
] as const
export type WayName = (typeof WAYS)[number]

export interface Found {
  service: string
  version: string
  /** For each way: `narrowed`; `whole`, where credentials have all rights of the identity; or the reason of a failure. */
  ways: Record<WayName, string>
  /** The way of the store, and what the operator says of it: `Ready`, and the condition `Isolated`. */
  store: { way: WayName; ready: string; isolated: string }
  /** `Enabled`, or the reason why versioning can't be set. */
  versions: string
  /** `kept` when the service has the lifecycle rule afterwards, or the reason why it can't be set. */
  expiration: string
  /** `List`, or the reason why objects can't be counted. */
  usage: string
  notes: string
}

/** The name of a service as a name of files and objects. */
export const nameOf = (service: string): string =>
  service
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')

const fileOf = (service: string): string => fileURLToPath(new URL(`found/${nameOf(service)}.json`, import.meta.url))

export const record = (found: Found): Promise<void> =>
  writeFile(fileOf(found.service), `${JSON.stringify(found, undefined, 2)}\n`)

export async function recorded(service: string): Promise<Found | undefined> {
  const text = await readFile(fileOf(service), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

/** Pure: `spec.clientOptions` in the words that several consumers have in common, and what each can't be told. */
import type { Format } from '../api/artifact-store.ts'
import type { ClientOption, ClientOptions } from '../api/client-options.ts'
import type { AwsMaterial } from '../api/material.ts'
import { durationMs } from '../api/time.ts'
import type { Circumstances, RenderContext, SecretData, SecretFormat } from './format.ts'

type Told = Pick<RenderContext, 'clientOptions'>

/**
 * When clients send checksums; undefined where that is left to them. SDKs since 2025 send new kinds of checksums with
 * all that they write; services other than AWS may refuse these, and the operator's own calls send none.
 */
export const checksumsOf = ({ isAws }: AwsMaterial, { clientOptions }: Told): ClientOptions['checksums'] =>
  clientOptions?.checksums ?? (isAws ? undefined : 'WhenRequired')

/** The same in the settings of a profile, which SDKs of all languages share. */
export function checksumSettings(material: AwsMaterial, told: Told): Record<string, string> {
  const checksums = checksumsOf(material, told)
  if (!checksums) return {}
  const when = checksums === 'WhenRequired' ? 'when_required' : 'when_supported'
  return { request_checksum_calculation: when, response_checksum_validation: when }
}

/** Settings of a profile. */
export const sdkSettings = (material: AwsMaterial, { clientOptions }: Told): Record<string, string> => ({
  ...checksumSettings(material, { clientOptions }),
  ...(clientOptions?.maxAttempts && { max_attempts: String(clientOptions.maxAttempts) }),
})

/** The same as variables. */
export const sdkVariables = (material: AwsMaterial, told: Told): SecretData =>
  Object.fromEntries(
    Object.entries(sdkSettings(material, told)).map(([name, value]) => [`AWS_${name.toUpperCase()}`, value]),
  )

/** What `sdkSettings` writes. */
export const SDK_OPTIONS: readonly ClientOption[] = ['checksums', 'maxAttempts']

/** An option in seconds; undefined when it is not set. */
export const seconds = (duration: string | undefined): number | undefined =>
  duration === undefined ? undefined : durationMs(duration) / 1000

/** What only writers ask for. */
const OF_WRITERS: readonly ClientOption[] = ['acl', 'storageClass']

/** Options that are set and say something else than what clients do by themselves. */
const wanted = (options: ClientOptions): ClientOption[] =>
  (Object.keys(options) as ClientOption[]).filter(
    name => !(name === 'signatureVersion' && options.signatureVersion === 'v4') && options[name] !== false,
  )

/** Says which options a consumer is not told; undefined when there are none. */
export function untold(
  format: Format,
  { tells = {}, reads }: SecretFormat,
  { cloud, access, clientOptions = {} }: Circumstances,
): string | undefined {
  const writes = !reads && access !== 'ReadOnly'
  const names = wanted(clientOptions).filter(
    name => !tells[cloud]?.includes(name) && (writes || !OF_WRITERS.includes(name)),
  )
  if (names.length === 0) return undefined
  return (
    `${format} has no setting for spec.clientOptions.${names.join(', ')}: ` +
    'its consumers keep their own; set it where they are made, or use another format'
  )
}

/** Pure: from the formats a consumer asks for to the Secrets it gets. */
import { ENV_SECRET_SUFFIX, type Format } from '../api/artifact-store.ts'
import { type Failure, isFailure, stalled } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import { argoWorkflows } from './argo-workflows.ts'
import { awsProfile } from './aws-profile.ts'
import { untold } from './client-settings.ts'
import { env } from './env.ts'
import type { Circumstances, FormatContext, RenderContext, SecretData, SecretFormat } from './format.ts'
import { hadoop } from './hadoop.ts'
import { keys } from './keys.ts'
import { openMetadata } from './openmetadata.ts'
import { rclone } from './rclone.ts'
import { turborepo } from './turborepo.ts'
import { formatNotAvailable } from './values.ts'
import { webIdentity } from './web-identity.ts'
import { unwritable } from './writable.ts'
import { zenml } from './zenml.ts'

export type { RenderContext } from './format.ts'

/** Appended to `credentials[].secretName`. */
export type SecretSuffix = '' | typeof ENV_SECRET_SUFFIX

export interface RenderedSecret {
  suffix: SecretSuffix
  /** Plain text, not base64. It is secret. */
  data: SecretData
}

const FORMATS: Record<Format, SecretFormat> = {
  AwsProfile: awsProfile,
  Env: env,
  WebIdentity: webIdentity,
  ZenML: zenml,
  Turborepo: turborepo,
  OpenMetadata: openMetadata,
  ArgoWorkflows: argoWorkflows,
  Hadoop: hadoop,
  Rclone: rclone,
  Keys: keys,
}

/**
 * Keeps variables with keys out of the Secret of `AwsProfile`: in SDKs variables outrank a profile, so a pod that got
 * both by one `envFrom` would keep the variables' stale keys.
 */
export const suffixOf = (format: Format, formats: readonly Format[]): SecretSuffix =>
  (format === 'Env' || format === 'Turborepo') && formats.includes('AwsProfile') ? ENV_SECRET_SUFFIX : ''

/** Suffixes of the Secrets that `render` makes for these formats. */
export const secretSuffixes = (formats: readonly Format[]): SecretSuffix[] => [
  ...new Set(formats.map(format => suffixOf(format, formats))),
]

/** Makes one Secret for each of `secretSuffixes`. Formats that share a Secret agree on the keys that they share. */
export function render(
  formats: readonly Format[],
  material: CredentialMaterial,
  context: RenderContext,
): RenderedSecret[] | Failure {
  const secrets = new Map<SecretSuffix, SecretData>()
  for (const format of formats) {
    const data = renderOne(format, material, { ...context, formats })
    if (isFailure(data)) return data
    const suffix = suffixOf(format, formats)
    secrets.set(suffix, { ...secrets.get(suffix), ...data })
  }
  return [...secrets].map(([suffix, data]) => ({ suffix, data }))
}

/** Whether one of the formats hands on the connector's own identity. */
export const handsOnIdentity = (formats: readonly Format[]): boolean =>
  formats.some(format => FORMATS[format].handsOnIdentity)

/** Tells what consumers should know although their credentials work: at most two texts for each format. */
export const formatWarnings = (formats: readonly Format[], circumstances: Circumstances): string[] =>
  formats.flatMap(format =>
    [FORMATS[format].warning?.(circumstances) ?? [], untold(format, FORMATS[format], circumstances) ?? []].flat(),
  )

function renderOne(format: Format, material: CredentialMaterial, context: FormatContext): SecretData | Failure {
  const why = unwritable(material, context)
  if (why) {
    return stalled(
      'CredentialsUnwritable',
      `spec.credentials[].formats: ${format} can't be written, as ${why}: check the Secret and the service that it is from`,
    )
  }
  const { aws, azure } = FORMATS[format]
  if (material.cloud === 'aws') return aws(material, context)
  return azure?.(material, context) ?? formatNotAvailable(format, 'is for s3:// paths only', 'remove it')
}

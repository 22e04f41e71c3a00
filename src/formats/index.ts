/** From the formats a consumer asks for to the Secrets it gets. */
import { ENV_SECRET_SUFFIX, type Format } from '../api/artifact-store.ts'
import { type Failure, stalled } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import { profileWarning, renderAwsProfile } from './aws-profile.ts'
import { renderEnv } from './env.ts'
import type { Render, RenderContext } from './format.ts'

export type { RenderContext } from './format.ts'

/** Appended to `credentials[].secretName`. */
export type SecretSuffix = '' | typeof ENV_SECRET_SUFFIX

export interface RenderedSecret {
  suffix: SecretSuffix
  /** Plain text, not base64. Secret. */
  data: Record<string, string>
}

const renderers: Partial<Record<Format, Render>> = { AwsProfile: renderAwsProfile, Env: renderEnv }

/**
 * `Env` shares no Secret with `AwsProfile`: SDKs let variables outrank a profile, so a pod that got both by one
 * `envFrom` would keep the variables' stale keys.
 */
const suffixOf = (format: Format, formats: readonly Format[]): SecretSuffix =>
  format === 'Env' && formats.includes('AwsProfile') ? ENV_SECRET_SUFFIX : ''

/** Of the Secrets that `render` makes for these formats. */
export const secretSuffixes = (formats: readonly Format[]): SecretSuffix[] => [
  ...new Set(formats.map(format => suffixOf(format, formats))),
]

/** One Secret for each of `secretSuffixes`. */
export function render(
  formats: readonly Format[],
  material: CredentialMaterial,
  context: RenderContext,
): RenderedSecret[] | Failure {
  const secrets: RenderedSecret[] = []
  for (const format of new Set(formats)) {
    const renderer = renderers[format]
    if (!renderer) return notImplemented(format)
    secrets.push({ suffix: suffixOf(format, formats), ...renderer(material, context) })
  }
  return secrets
}

/** What consumers should know of credentials that live this long, or for ever, although they work. */
export function lifetimeWarnings(formats: readonly Format[], lifetimeMs: number | undefined): string[] {
  const warning = formats.includes('AwsProfile') ? profileWarning(lifetimeMs) : undefined
  return warning ? [warning] : []
}

const notImplemented = (format: Format): Failure =>
  stalled(
    'NotImplemented',
    `spec.credentials[].formats: ${format} is not implemented yet; use ${Object.keys(renderers).join(' or ')}`,
  )

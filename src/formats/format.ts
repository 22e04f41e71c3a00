/** Pure: the contract of a Secret format. Credentials come in, keys of a Secret go out. */
import type { ArtifactStoreSpec, CredentialsEntry } from '../api/artifact-store.ts'
import type { Failure } from '../api/failures.ts'
import type { AwsMaterial, AzureMaterial } from '../api/material.ts'

export interface RenderContext {
  /** When the credentials end; absent when they do not. */
  expiresAt?: Date | undefined
  /** Absolute directory where consumers mount the Secret; files name each other by it. */
  mountPath: string
  /** Name of the Secret without suffix, for configuration that refers to it. */
  secretName: string
  /** What writers must ask the service for: `spec.encryption`. */
  encryption: NonNullable<ArtifactStoreSpec['encryption']>
  /** `spec.bucket.expirationDays`. */
  expirationDays?: number | undefined
}

/** Keys of a Secret with their plain text, not base64. Secret. */
export type SecretData = Record<string, string>

/** What warnings depend on; all of it is known without the credentials. */
export interface Circumstances {
  /** How long the credentials live; undefined when they do not end. */
  lifetimeMs: number | undefined
  /** To which they are narrowed: `''` or ends with `/`. */
  prefix: string
  access: NonNullable<CredentialsEntry['access']>
}

/** A cloud that is absent has no such format. A Failure says that it can't be made of these credentials. */
export interface SecretFormat {
  aws(material: AwsMaterial, context: RenderContext): SecretData | Failure
  azure?(material: AzureMaterial, context: RenderContext): SecretData | Failure
  /** What a consumer should know although the credentials work; undefined when there is nothing to say. */
  warning?(circumstances: Circumstances): string | undefined
}

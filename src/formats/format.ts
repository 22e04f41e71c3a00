/** Pure: the contract of a Secret format. Credentials come in, keys of a Secret go out. */
import type { ArtifactStoreSpec, CredentialsEntry, Format } from '../api/artifact-store.ts'
import type { ClientOption, ClientOptions } from '../api/client-options.ts'
import type { Failure } from '../api/failures.ts'
import type { AwsMaterial, AzureMaterial, CredentialMaterial } from '../api/material.ts'

export interface RenderContext {
  /** Time at which the credentials end; absent when they do not. */
  expiresAt?: Date | undefined
  /** Absolute directory where consumers mount the Secret: the files name each other by it. */
  mountPath: string
  /** Name of the Secret without its suffix, for configuration that refers to it. */
  secretName: string
  /** What writers must ask the service for: `spec.encryption`. */
  encryption: NonNullable<ArtifactStoreSpec['encryption']>
  /** Days of `spec.bucket.expirationDays`. */
  expirationDays?: number | undefined
  /** `spec.clientOptions`. */
  clientOptions?: ClientOptions | undefined
  /** Keys of the entry, for format `Keys`. */
  keys?: CredentialsEntry['keys'] | undefined
}

/** A context, and all formats of the entry: beside an `AwsProfile`, others name that and hold no keys. */
export interface FormatContext extends RenderContext {
  formats: readonly Format[]
}

/** Keys of a Secret with their plain text, not base64. The text is secret. */
export type SecretData = Record<string, string>

/** What warnings depend on. All of it is known without the credentials. */
export interface Circumstances {
  /** How long the credentials live; undefined when they do not end. */
  lifetimeMs: number | undefined
  /** Prefix to which the credentials are narrowed: `''` or ends with `/`. */
  prefix: string
  access: NonNullable<CredentialsEntry['access']>
  cloud: CredentialMaterial['cloud']
  clientOptions?: ClientOptions | undefined
}

/** A format, with one function for each cloud that has it. A Failure says that these credentials don't allow it. */
export interface SecretFormat {
  aws(material: AwsMaterial, context: FormatContext): SecretData | Failure
  azure?(material: AzureMaterial, context: FormatContext): SecretData | Failure
  /** The client options that it writes, by cloud. People are warned of others that are set. */
  tells?: Partial<Record<CredentialMaterial['cloud'], readonly ClientOption[]>>
  /** Set where consumers only read, whatever they may do. */
  reads?: true
  /** Set where the Secret holds the connector's own identity, which nothing narrows. */
  handsOnIdentity?: true
  /** Tells what a consumer should know although the credentials work; undefined when there is nothing to say. */
  warning?(circumstances: Circumstances): string | undefined
}

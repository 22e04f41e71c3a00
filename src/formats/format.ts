/** The contract of a Secret format: credentials in, keys of a Secret out. Pure. */
import type { CredentialMaterial } from '../api/material.ts'

export interface RenderContext {
  /** When the credentials end; absent when they do not. */
  expiresAt?: Date | undefined
  /** Absolute directory where consumers mount the Secret; files name each other by it. */
  mountPath: string
}

export interface Rendered {
  /** Keys of the Secret with their plain text. */
  data: Record<string, string>
}

export type Render = (material: CredentialMaterial, context: RenderContext) => Rendered

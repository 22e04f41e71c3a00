/**
 * Pure: the seal of a projected Secret, which proves that the operator made it for the store that its labels name.
 * Whoever may create Secrets can write any label and any annotation, but has not the key (docs/adr/0024).
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { SEAL_ANNOTATION } from '../../api/names.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../../api/object.ts'

/** Bytes of the key. */
export const SEAL_KEY_BYTES = 32

export interface Seal {
  /** Seal of the Secret `namespace/name` that belongs to the store `namespace/name`. */
  of(secret: ObjectKey, store: ObjectKey): string
}

/** `cluster`: what no other cluster has, so that a seal means nothing where its Secret was copied or restored to. */
export function createSeal(key: Uint8Array, cluster: string): Seal {
  // Node takes six times as long where the key comes as bytes.
  const secretKey = createSecretKey(key)
  return {
    // JSON, as a separator could be part of a name.
    of: (secret, store) =>
      createHmac('sha256', secretKey)
        .update(JSON.stringify([cluster, secret, store]))
        .digest('base64url'),
  }
}

/** Whether the Secret carries its seal for this store. */
export function isSealed(secret: KubeObject, store: ObjectKey, seal: Seal): boolean {
  const [given, sound] = [secret.metadata.annotations?.[SEAL_ANNOTATION] ?? '', seal.of(keyOf(secret), store)]
  const [one, other] = [Buffer.from(given.slice(0, sound.length + 1)), Buffer.from(sound)]
  return one.length === other.length && timingSafeEqual(one, other)
}

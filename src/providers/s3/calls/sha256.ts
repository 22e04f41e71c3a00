/**
 * SHA-256 for the SDK's signer. The SDK's own gives Node the key of each HMAC as bytes, for which Node takes four times as
 * long as for a key object: it looks for one by an error that it throws and catches.
 */
import { createHash, createHmac, createSecretKey, type Hash, type Hmac } from 'node:crypto'
import { remembered } from '../../../async/remembered.ts'

/** The SDK hands over the same bytes for each request of the same day, region and service. */
const keyOf = remembered((secret: ArrayBuffer | ArrayBufferView) =>
  createSecretKey(ArrayBuffer.isView(secret) ? (secret as NodeJS.ArrayBufferView) : new Uint8Array(secret)),
)

/** An HMAC if there is a secret. */
export class Sha256 {
  readonly #secret: SourceData | undefined
  #hash: Hash | Hmac

  constructor(secret?: SourceData) {
    this.#secret = secret
    this.#hash = begun(secret)
  }

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = begun(this.#secret)
  }
}

type SourceData = string | ArrayBuffer | ArrayBufferView

function begun(secret: SourceData | undefined): Hash | Hmac {
  if (!secret) return createHash('sha256')
  return createHmac('sha256', typeof secret === 'string' ? secret : keyOf(secret))
}

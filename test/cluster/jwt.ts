/** JSON Web Tokens signed with RSA, as Entra and Kubernetes make them. */
import {
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** The part of the token that is signed. */
  readonly signed: string
  readonly signature: Buffer
}

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  /** The public key, for a JWKS. */
  readonly jwk: JsonWebKey
}

export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } }
}

export function signJwt(claims: object, { kid, privateKey }: SigningKey): string {
  const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid })}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

/** Parses a JWT; undefined when the text is none. */
export function parseJwt(token: string): Jwt | undefined {
  const parts = token.split('.')
  const [header, claims] = [decode(parts[0]), decode(parts[1])]
  if (parts.length !== 3 || !header || !claims) return undefined
  return { header, claims, signed: `${parts[0]}.${parts[1]}`, signature: Buffer.from(parts[2] ?? '', 'base64url') }
}

/** Checks the signature; knows only RS256. */
export function isSignedBy({ signed, signature }: Jwt, jwk: JsonWebKey): boolean {
  return verify('sha256', Buffer.from(signed), createPublicKey({ key: jwk, format: 'jwk' }), signature)
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function decode(part = ''): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

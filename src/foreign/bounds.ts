/**
 * Pure: how much is taken of text that others write, by where it comes from. What is longer is refused or cut where it
 * comes in, before a regular expression, a parser or the log meets it (docs/adr/0020).
 */

const KIB = 2 ** 10

/** Bytes for values of Secrets and ConfigMaps, characters for all else. */
export const BOUNDS = {
  /** A bundle of CAs, and how many certificates are in it: the bundles of operating systems have some 150. */
  caBundle: 256 * KIB,
  certificates: 200,
  /** A key, a token, or a connection string. They travel in headers, which servers allow no more for. */
  keyValue: 8 * KIB,
  /** The code of a refusal: `AccessDenied`. */
  code: 128,
  /** What a service says beside the code. */
  message: 2 * KIB,
  /** What messages quote of it. */
  words: 300,
  /** The code of a region, which becomes a label of host names. */
  region: 63,
  arn: 2 * KIB,
  /** The id of an account, a tenant or a client. */
  id: 128,
  /** The name of a bucket or container, where a service lists them. */
  bucket: 255,
  /** The free value of an annotation. */
  annotation: KIB,
  /** An answer of STS or Entra, and any refusal. */
  answer: 64 * KIB,
  /** A page of a listing, and the lifecycle rules of a bucket. */
  page: 2048 * KIB,
} as const

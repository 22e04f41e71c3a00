/** Pure: the CAs that a connector trusts. */
import { hash, X509Certificate } from 'node:crypto'
import { type Failure, stalled } from '../api/failures.ts'
import { type CaBundle, DEFAULT_CA_KEY } from '../api/fields.ts'
import { FairMap } from '../async/fair-map.ts'
import { BOUNDS } from '../foreign/bounds.ts'
import { looksEncoded } from '../foreign/encoded.ts'
import type { KeyReference, Resolved } from './provider.ts'

/** The key at which the bundle is. `field`: the spec field of the bundle, such as `spec.aws.caBundle`. */
export function caReference({ configMapKeyRef, secretKeyRef }: CaBundle, field: string): KeyReference {
  const [kind, reference, member] = configMapKeyRef
    ? (['ConfigMap', configMapKeyRef, 'configMapKeyRef'] as const)
    : (['Secret', secretKeyRef, 'secretKeyRef'] as const)
  if (!reference) throw new Error('a caBundle without a reference')
  const { name, key = DEFAULT_CA_KEY } = reference
  return { kind, name, key, field: `${field}.${member}`, bytesMax: BOUNDS.caBundle }
}

/** PEM certificates of the CAs; undefined when the spec names no bundle. */
export function caPemOf(
  bundle: CaBundle | undefined,
  field: string,
  resolved: Pick<Resolved, 'value' | 'connector'>,
): string | undefined | Failure {
  const pem = bundle && resolved.value(caReference(bundle, field))
  const problem = pem && judged(pem, resolved).problem
  return problem ? stalled('InvalidCABundle', `${field}: ${problem}: put PEM certificates of CAs into it`) : pem
}

/** What consumers must know of a good bundle, a sentence each. */
export function caCautions(pem: string | undefined, field: string, resolved: Pick<Resolved, 'connector'>): string[] {
  if (!pem || judged(pem, resolved).hasRoot) return []
  return [
    `${field} holds no root CA: the operator trusts the intermediate ones in it, but clients of OpenSSL, such as Python before 3.13, do not: add the root CA`,
  ]
}

/** What a bundle is like. */
interface Judged {
  /** What is wrong with it. Never quotes the text, which may be secret. */
  problem?: string
  /** Whether one of its CAs has signed itself. */
  hasRoot: boolean
}

/** By hash of the PEM text: bundles are large, plans are frequent, and the same text comes again and again. */
const known = new FairMap<Judged>(1_000)

function judged(pem: string, { connector }: Pick<Resolved, 'connector'>): Judged {
  const print = hash('sha256', pem)
  const before = known.get(print)
  if (before) return before
  const found = inspect(pem)
  known.set(connector.namespace, print, found)
  return found
}

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

function inspect(pem: string): Judged {
  const wrong = (problem: string): Judged => ({ problem, hasRoot: false })
  if (/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/.test(pem)) return wrong('it contains a private key')
  const blocks = blocksOf(pem)
  if (blocks.length === 0) {
    const encoded = looksEncoded(pem.slice(0, ENCODED_BEGIN)) ? ', and looks like base64 of one' : ''
    return wrong(`it contains no PEM certificate${encoded}`)
  }
  if (blocks.length > BOUNDS.certificates) {
    return wrong(`it contains more than ${BOUNDS.certificates} certificates, which is the most`)
  }
  const certificates = blocks.map(certificateOf)
  const broken = certificates.indexOf(undefined)
  if (broken >= 0) return wrong(`certificate ${broken + 1} of ${blocks.length} can't be read`)
  return { hasRoot: certificates.some(certificate => certificate?.checkIssued(certificate)) }
}

/** Characters that tell whether a text is base64 of a readable one: a multiple of 4. */
const ENCODED_BEGIN = 64

/** One block more than is allowed at most. One without an end is the last, so that no part of the text is read twice. */
function blocksOf(pem: string): string[] {
  const blocks: string[] = []
  let start = pem.indexOf(BEGIN)
  while (start >= 0 && blocks.length <= BOUNDS.certificates) {
    const end = pem.indexOf(END, start)
    if (end < 0) return [...blocks, BEGIN]
    blocks.push(pem.slice(start, end + END.length))
    start = pem.indexOf(BEGIN, end)
  }
  return blocks
}

function certificateOf(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block)
  } catch {
    return undefined
  }
}

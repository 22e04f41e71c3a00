/** Pure: the CAs that a connector trusts. */
import { hash, X509Certificate } from 'node:crypto'
import { type Failure, stalled } from '../api/failures.ts'
import { type CaBundle, DEFAULT_CA_KEY } from '../api/fields.ts'
import { BOUNDS } from '../foreign/bounds.ts'
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
  resolved: Pick<Resolved, 'value'>,
): string | undefined | Failure {
  const pem = bundle && resolved.value(caReference(bundle, field))
  const problem = pem && caBundleProblem(pem)
  return problem ? stalled('InvalidCABundle', `${field}: ${problem}: put PEM certificates of CAs into it`) : pem
}

/** Problems by hash of the PEM text: bundles are large, plans are frequent, and the same text comes again and again. */
const known = new Map<string, string | undefined>()
const KNOWN_MAX = 64

/** Says what is wrong with a bundle; undefined when nothing is. Never quotes the text, which may be secret. */
function caBundleProblem(pem: string): string | undefined {
  const print = hash('sha256', pem)
  if (known.has(print)) return known.get(print)
  const problem = inspect(pem)
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(print, problem)
  return problem
}

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

function inspect(pem: string): string | undefined {
  if (/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/.test(pem)) return 'it contains a private key'
  const blocks = blocksOf(pem)
  if (blocks.length === 0) return 'it contains no PEM certificate'
  if (blocks.length > BOUNDS.certificates) {
    return `it contains more than ${BOUNDS.certificates} certificates, which is the most`
  }
  const broken = blocks.findIndex(block => !isCertificate(block))
  return broken < 0 ? undefined : `certificate ${broken + 1} of ${blocks.length} can't be read`
}

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

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined
  } catch {
    return false
  }
}

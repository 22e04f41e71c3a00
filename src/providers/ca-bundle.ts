/** Pure: the CAs that a connector trusts. */
import { X509Certificate } from 'node:crypto'
import { type Failure, stalled } from '../api/failures.ts'
import { type CaBundle, DEFAULT_CA_KEY } from '../api/fields.ts'
import type { KeyReference, Resolved } from './provider.ts'

/** The key at which the bundle is. `field`: the spec field of the bundle, such as `spec.aws.caBundle`. */
export function caReference({ configMapKeyRef, secretKeyRef }: CaBundle, field: string): KeyReference {
  const [kind, reference, member] = configMapKeyRef
    ? (['ConfigMap', configMapKeyRef, 'configMapKeyRef'] as const)
    : (['Secret', secretKeyRef, 'secretKeyRef'] as const)
  if (!reference) throw new Error('a caBundle without a reference')
  return { kind, name: reference.name, key: reference.key ?? DEFAULT_CA_KEY, field: `${field}.${member}` }
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

/** Problems by PEM text: bundles are large, plans are frequent, and the same text comes again and again. */
const known = new Map<string, string | undefined>()
const KNOWN_MAX = 64

/** Says what is wrong with a bundle; undefined when nothing is. Never quotes the text, which may be secret. */
function caBundleProblem(pem: string): string | undefined {
  if (known.has(pem)) return known.get(pem)
  const problem = inspect(pem)
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(pem, problem)
  return problem
}

function inspect(pem: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return 'it contains a private key'
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  if (!blocks) return 'it contains no PEM certificate'
  const broken = blocks.findIndex(block => !isCertificate(block))
  return broken < 0 ? undefined : `certificate ${broken + 1} of ${blocks.length} can't be read`
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined
  } catch {
    return false
  }
}

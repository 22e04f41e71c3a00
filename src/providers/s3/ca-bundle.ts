import { X509Certificate } from 'node:crypto'

/** Bundles are large, plans are frequent, and the same text comes again and again. */
const known = new Map<string, string | undefined>()
const KNOWN_MAX = 64

/** Pure: what is wrong with PEM roots, or undefined. Never quotes the text. */
export function caBundleProblem(pem: string): string | undefined {
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

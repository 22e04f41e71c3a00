/** Pure: makes the bills of materials that npm writes the same each time. */
import { createHash } from 'node:crypto'

interface Spdx {
  name: string
  documentNamespace: string
  creationInfo: { created: string }
}

interface CycloneDx {
  serialNumber: string
  metadata: { timestamp: string }
}

interface Lock {
  packages: Record<string, { dev?: boolean; devDependencies?: object }>
}

/**
 * The lock file without what only development needs. npm's own `--omit dev` leaves out also what both need.
 */
export function withoutDev<T extends Lock>(lock: T): T {
  const kept = Object.entries(lock.packages).filter(([, { dev }]) => !dev)
  const packages = kept.map(([path, { devDependencies: _, ...entry }]) => [path, entry])
  return { ...lock, packages: Object.fromEntries(packages) }
}

/** An SPDX document of npm with the time of the release, and an identifier that comes of its content. */
export function stableSpdx(document: Spdx, created: string): Spdx {
  const stable = { ...document, documentNamespace: '', creationInfo: { ...document.creationInfo, created } }
  return { ...stable, documentNamespace: `http://spdx.org/spdxdocs/${document.name}-${identifier(stable)}` }
}

/** The like of CycloneDX. */
export function stableCycloneDx(document: CycloneDx, timestamp: string): CycloneDx {
  const stable = { ...document, serialNumber: '', metadata: { ...document.metadata, timestamp } }
  return { ...stable, serialNumber: `urn:uuid:${identifier(stable)}` }
}

/** A UUID (version 8) that comes of the value. */
function identifier(value: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(value)).digest('hex')
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(digest) ?? []
  return `${a}-${b}-8${c}-8${d}-${e}`
}

import { createHash } from 'node:crypto'

const MAX_LENGTH = 64

/** Makes a name that STS accepts, 2 to `max` of `[\w+=,.@-]`. A hash keeps names apart that are cut. */
export function sessionName(name: string, max = MAX_LENGTH): string {
  const plain = name.replace(/[^\w+=,.@-]/g, '-').padEnd(2, '-')
  if (plain.length <= max) return plain
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${plain.slice(0, max - hash.length - 1)}-${hash}`
}

import { createHash } from 'node:crypto'

const MAX_LENGTH = 64

/** A name that STS takes, 2 to 64 of `[\w+=,.@-]`; a hash keeps names apart that differ only in what is cut off. */
export function sessionName(name: string): string {
  const plain = name.replace(/[^\w+=,.@-]/g, '-').padEnd(2, '-')
  if (plain.length <= MAX_LENGTH) return plain
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${plain.slice(0, MAX_LENGTH - hash.length - 1)}-${hash}`
}

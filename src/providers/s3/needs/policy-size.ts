/** Pure: how large policies may be, and statements in parts that are small enough. */
import type { Explained, Statement } from './statements.ts'

/**
 * Characters that IAM takes, spaces not counted: in all inline policies of a user or of a role together, and in one managed
 * policy. Bytes that S3 takes in the policy of a bucket, and MinIO in any policy.
 */
export const MAX_INLINE = { user: 2048, role: 10_240 } as const
export const MAX_MANAGED = 6144
export const MAX_BUCKET = 20_480
export const MAX_MINIO = 20_480
/** How many managed policies a user or role has at most: by default, and when the account has asked for more. */
export const MANAGED_AT_ONCE = { byDefault: 10, atMost: 20 } as const

const AROUND = JSON.stringify({ Version: '2012-10-17', Statement: [] }).length

/** Of a policy with these statements, as a text without spaces. */
export const sizeOf = (statements: readonly Explained[]): number =>
  statements.reduce((sum, explained) => sum + sizeOfOne(explained), AROUND + Math.max(0, statements.length - 1))

const sizeOfOne = ({ statement }: Explained): number => Buffer.byteLength(JSON.stringify(statement))

/** Policies of at most that size with the same statements. A statement about many things may be in several of them. */
export function inParts(statements: readonly Explained[], max: number): Explained[][] {
  const parts: Explained[][] = []
  for (const explained of statements.flatMap(one => halved(one, max))) {
    const last = parts.at(-1)
    if (last && sizeOf([...last, explained]) <= max) last.push(explained)
    else parts.push([explained])
  }
  return parts
}

/** A statement about as few resources, or prefixes of one, as it takes to be small enough; as it is where it has one. */
function halved(explained: Explained, max: number): Explained[] {
  if (sizeOf([explained]) <= max) return [explained]
  const halves = halvesOf(explained.statement)
  if (halves.length === 0) return [explained]
  return halves.flatMap(statement => halved({ ...explained, statement }, max))
}

function halvesOf(statement: Statement): Statement[] {
  const { Resource, Condition } = statement
  if (Array.isArray(Resource) && Resource.length > 1) {
    return inHalves(Resource).map(half => ({ ...statement, Resource: oneOrMore(half) }))
  }
  const prefixes = Condition?.['StringLike']?.[PREFIX]
  if (!Array.isArray(prefixes) || prefixes.length < 2) return []
  return inHalves(prefixes).map(half => ({ ...statement, Condition: { StringLike: { [PREFIX]: oneOrMore(half) } } }))
}

const PREFIX = 's3:prefix'

const oneOrMore = (list: string[]): string | string[] => (list.length === 1 ? (list[0] ?? '') : list)

function inHalves(list: readonly string[]): [string[], string[]] {
  const middle = Math.ceil(list.length / 2)
  return [list.slice(0, middle), list.slice(middle)]
}

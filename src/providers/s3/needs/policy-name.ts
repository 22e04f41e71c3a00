/** Pure: names for policies. */
import { createHash } from 'node:crypto'
import { sessionName } from '../identity/session-name.ts'

/** What IAM takes is 128 characters: there is room for the number of a part. */
const MAX_LENGTH = 120

interface Of {
  kind: 'connector' | 'store'
  namespace: string
  name: string
}

/**
 * A name that no other store or connector gives, as a policy of the same name would be replaced. A namespace has no dot, and
 * the uid tells those of the same name in several clusters apart.
 */
export function policyNameOf({ kind, namespace, name }: Of, uid: string): string {
  const mark = uid === '' ? '' : `-${createHash('sha256').update(uid).digest('hex').slice(0, 8)}`
  return sessionName(`artifact-${kind === 'store' ? 'store' : 'stores'}-${namespace}.${name}${mark}`, MAX_LENGTH)
}

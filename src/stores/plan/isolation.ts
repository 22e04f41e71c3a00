/** Pure: how far credentials reach, as their Secret says it, and whether a store gives such ones out (docs/adr/0026). */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { shown } from '../../foreign/text.ts'
import type { Isolation } from '../../providers/isolation.ts'
import type { Access, Location } from '../../providers/provider.ts'

/** How far credentials reach, as a trial has shown, without what only the owner of the connector may know. */
export type Isolated = Pick<Isolation, 'result' | 'detail'>

/** How credentials come to reach less. */
export const NARROWER =
  'use a connector whose identity may no more than that, or a service and a way to issue that narrow credentials'

interface Tried {
  role: string
  access: Access
  location: Pick<Location, 'uri'>
}

/** Why credentials of which this is known are not given out, where isolation is required. */
export function isolationRefusal(
  { role, access, location }: Tried,
  { result, detail = '' }: Isolated,
): Failure | undefined {
  if (result === 'True') return undefined
  const field = 'spec.verification.isolation'
  if (result === 'Unknown') {
    return transient(
      'IsolationUnknown',
      `${field}: Required, and credentials "${role}" are not proven to be isolated: ${detail}: it is tried again`,
    )
  }
  return stalled(
    'NotIsolated',
    `${field}: Required, and credentials "${role}" (${access}) for ${location.uri} may also ${detail}: ${NARROWER}; or set ${field}: Report`,
  )
}

/** As an annotation says it: `False: write, list other buckets`. */
export const isolationText = ({ result, detail }: Isolated): string => (detail ? `${result}: ${detail}` : result)

export function isolatedIn(text: string | undefined): Isolated | undefined {
  const given = shown(text) ?? ''
  const result = (['True', 'False', 'Unknown'] as const).find(word => given === word || given.startsWith(`${word}: `))
  const detail = result && given.slice(result.length + 2)
  return result && { result, ...(detail ? { detail } : {}) }
}

/** Pure: what the SAS token of a connector allows, judged before the service is asked anything. */
import { type Failure, stalled, waiting } from '../../api/failures.ts'
import { rfc3339 } from '../../api/time.ts'
import { timeOf } from '../../foreign/numbers.ts'

export interface SasToken {
  /** For the whole account, or for one container or directory, which the token does not name. */
  scope: 'account' | 'container'
  /** As parameters of a URL, without `?`. Secret. */
  text: string
  /** The service takes it from some addresses only: perhaps from the operator's, and not from those of consumers. */
  addressBound: boolean
  /** Letters of `sp`; absent where a stored access policy has them. */
  permissions?: string
  startsAt?: Date
  /** Absent where a stored access policy has it. */
  expiresAt?: Date
}

/** Where the token is from, for messages. */
interface TokenSource {
  /** `spec.azure.auth.sasToken`. */
  field: string
  /** `namespace/name` of the Secret. */
  secret: string
}

/** Parameters that are times: start and end of the token, and of the key that signed it. */
const TIMES = ['st', 'se', 'skt', 'ske'] as const

/** The token, or why no container can be used with it. `http`: the endpoint is not encrypted. */
export function parseSasToken(given: string, source: TokenSource, http: boolean): SasToken | Failure {
  const text = given.replace(/^\?/, '')
  const invalid = (reason: string, what: string) =>
    stalled(reason, `${source.field}: the SAS token in Secret "${source.secret}" ${what}`)
  if (/^https?:/i.test(text)) return invalid('InvalidCredentials', 'is a whole URL: store only what follows the "?"')

  // Consumers get it inside of connection strings, where other characters would begin another part.
  if (!PARAMETERS.test(text)) {
    return invalid('InvalidCredentials', 'has characters that no SAS token has: store it as the service gave it')
  }
  const parameters = new URLSearchParams(text)
  const get = (name: string) => parameters.get(name) ?? undefined
  const { ss, srt, sr, spr } = { ss: get('ss'), srt: get('srt'), sr: get('sr'), spr: get('spr') }
  if (!get('sig') || !get('sv')) {
    return invalid('InvalidCredentials', 'has no "sv" or no "sig": store a whole token, such as sv=...&sig=...')
  }
  for (const name of TIMES) {
    const value = get(name)
    if (value !== undefined && !timeOf(value)) {
      return invalid('InvalidCredentials', `has a "${name}" that is no time: create another token`)
    }
  }
  // A token that is signed with a user delegation key is good only while the key is.
  const times = (...names: (typeof TIMES)[number][]) => names.flatMap(name => Date.parse(get(name) ?? '') || [])
  const [starts, ends] = [times('st', 'skt'), times('se', 'ske')]

  if (ss !== undefined && !ss.includes('b')) {
    return invalid('SasInsufficient', `is for other services than Blob (ss=${plain(ss)}): create one with ss=b`)
  }
  const lacking = srt === undefined ? [] : [...'co'].filter(type => !srt.includes(type))
  if (lacking.length > 0) {
    return invalid(
      'SasInsufficient',
      `lacks a resource type (srt=${plain(srt)}): create one with srt=co, for containers and the objects in them`,
    )
  }
  if (sr !== undefined && sr !== 'c' && sr !== 'd') {
    return invalid('SasInsufficient', `is for a single blob (sr=${plain(sr)}): create one for the container, sr=c`)
  }
  const permissions = get('sp')
  if (permissions === undefined && get('si') === undefined) {
    return invalid('SasInsufficient', 'has no permissions (sp): create one with those that its stores need')
  }
  if (http && spr === 'https') {
    return invalid('SasInsufficient', 'is for https only (spr=https): use an https URL in spec.azure.endpoint')
  }
  return {
    text,
    scope: ss === undefined ? 'container' : 'account',
    addressBound: get('sip') !== undefined,
    ...(permissions === undefined ? {} : { permissions }),
    ...(starts.length === 0 ? {} : { startsAt: new Date(Math.max(...starts)) }),
    ...(ends.length === 0 ? {} : { expiresAt: new Date(Math.min(...ends)) }),
  }
}

/** How far ahead or behind a clock may be. */
const SKEW_MS = 5 * 60_000

const PARAMETERS = /^[\w%&=.~:+/,*()!@$-]{1,8192}$/

/** Why the token is of no use now; undefined when it is. */
export function sasTimeFailure({ startsAt, expiresAt }: SasToken, source: TokenSource, now: Date): Failure | undefined {
  const token = `${source.field}: the SAS token in Secret "${source.secret}"`
  if (expiresAt && expiresAt <= now) {
    return stalled(
      'CredentialsExpired',
      `${token} has ended at ${rfc3339(expiresAt)} (se): put a fresh one into the Secret`,
    )
  }
  if (startsAt && startsAt.getTime() > now.getTime() + SKEW_MS) {
    return waiting(
      'CredentialsNotYetValid',
      `${token} is not valid before ${rfc3339(startsAt)} (st): wait, or replace it`,
    )
  }
  return undefined
}

/** A value that is safe to show: one that is not only letters may be part of a secret, pasted into the wrong field. */
const plain = (value: string | undefined): string => (/^[a-z]{1,12}$/.test(value ?? '') ? `${value}` : 'unreadable')

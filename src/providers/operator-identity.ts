/**
 * Pure: where the operator's own identity may not be taken. Its tokens open what all namespaces were lent, so whoever
 * writes a connector must not choose who gets them, nor vouch for that host with a CA of their own.
 */
import { type Failure, stalled } from '../api/failures.ts'
import { isListed } from './network/endpoint-rules.ts'
import type { OperatorIdentityLoan } from './provider.ts'

/** What a connector that is the operator itself asks for. */
export interface AskedOfOperator {
  loan: OperatorIdentityLoan | undefined
  /** Endpoints that the spec gives: those that have no `url` are the cloud's, or of the operator's environment. */
  endpoints: readonly { url?: string; field: string }[]
  isOfCloud(url: string): boolean
  /** The field of the CA bundle, where the spec has one. */
  caField?: string | undefined
}

export function refusedForOperator({ loan, endpoints, isOfCloud, caField }: AskedOfOperator): Failure | undefined {
  if (!loan) throw new Error("the resolver passed no loan of the operator's identity on")
  if (caField) {
    return stalled(
      'ImplicitAuthNotAllowed',
      `${caField}: the operator's own identity trusts no CAs of connectors: remove it, or have an administrator mount the CA into the operator and set its NODE_EXTRA_CA_CERTS`,
    )
  }
  for (const { url, field } of endpoints) {
    if (url === undefined) continue
    const { protocol, hostname } = new URL(url)
    if (protocol !== 'https:') {
      return stalled(
        'InsecureEndpoint',
        `${field}: tokens of the operator's own identity are not sent over http: use an https URL`,
      )
    }
    const host = hostname.replace(/^\[|\]$/g, '')
    if (isOfCloud(url) || isListed(host, loan.endpoints)) continue
    return stalled(
      'ImplicitAuthNotAllowed',
      `${field}: "${host}" may not get tokens of the operator's own identity: use an endpoint of the cloud itself, or have an administrator add the host to --implicit-auth-endpoints`,
    )
  }
  return undefined
}

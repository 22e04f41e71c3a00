/** Pure: failures of calls to which no answer came. */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import type { Answer } from './answer.ts'

/** The endpoint that was called, for messages. */
export interface Called {
  /** `host:port` */
  host: string
  /** The spec field, or the variable of the operator's environment, that names the host. */
  field: string
  /** The URL, where one is given: its scheme may be the wrong one. */
  url?: string
}

export interface Service {
  /** What should answer there: `an S3 service`. */
  what: string
  /** The spec field that names the CAs to trust, or what else does. */
  caField: string
}

/** What to set where the CAs of a connector don't count, because it is the operator itself. */
export const OPERATOR_CAS = "the operator's NODE_EXTRA_CA_CERTS"

const CONNECTION_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
  ERR_PROXY_TUNNEL: 'the proxy refused or lost the tunnel',
  ETIMEDOUT: 'no answer in time',
  DeadlineExceeded: 'no answer in time',
}

const TLS_WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: check the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name: use the name that the certificate has',
  EPROTO: 'the handshake failed: check that the port speaks TLS, or write http:// in its URL',
}

/** Codes for what is no TLS, of which servers without it send some. */
const PLAIN = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL))$/

/** Codes for an issuer that is in no bundle; others say that the certificate itself is wrong. */
const NO_ISSUER = /^(UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|DEPTH_ZERO)/

const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA)/

export function connectionFailure({ code = '', message }: Answer, called: Called, service: Service): Failure {
  const { host, field } = called
  if (code === 'EndpointRefused') {
    return stalled('EndpointRefused', `${field}: ${message}: use the address of ${service.what}`)
  }
  if (code === 'AnswerTooLarge') {
    return stalled(
      'AnswerTooLarge',
      `${host} (${field}) answered ${message}, which ${service.what} does not: check the address and the port`,
    )
  }
  if (code === 'AnswersBusy') {
    return transient(
      'OperatorBusy',
      `${host} (${field}): the operator reads too many large answers: trying again later`,
    )
  }
  if (code === 'UnexpectedAnswer') return unexpectedFailure(called, service, message === undefined ? {} : { message })
  // It was read as HTTP so far.
  if (code === 'HPE_HEADER_OVERFLOW') return unexpectedFailure(called, service)
  if (isHttp(called) && code.startsWith('HPE_')) return plainFailure(called)
  if (code in TLS_WORDS || UNTRUSTED.test(code)) {
    const words = tlsWords(code, called, service)
    return stalled('TLSVerificationFailed', `no TLS connection to ${host} (${field}): ${words}`)
  }
  const words = CONNECTION_WORDS[code] ?? code
  const scheme = isHttp(called) && CLOSED.has(code) ? '; if the port speaks TLS, write https:// in its URL' : ''
  return transient(
    'EndpointUnreachable',
    `${host} (${field}) is unreachable: ${words}: check the address, the service and network policies${scheme}`,
  )
}

const isHttp = ({ url }: Called): boolean => url?.startsWith('http:') === true

/** Codes for a connection that the other side has ended: most TLS servers do so when plain text comes. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE'])

function tlsWords(code: string, { url, host }: Called, { caField }: Service): string {
  if (PLAIN.test(code) && url?.startsWith('https:')) {
    return `the port does not speak TLS: write http://${host} if it is meant to be without, or use the port that has TLS`
  }
  const known = TLS_WORDS[code]
  if (known) return known
  const which = NO_ISSUER.test(code) ? ', or the intermediate CA that its server does not send' : ''
  return `its certificate is not trusted (${code}): set ${caField} to the CA that signed it${which}`
}

/** A Failure for a port that wants TLS, and was asked without. */
const plainFailure = ({ host, field }: Called): Failure =>
  stalled('InsecureEndpoint', `${host} (${field}) speaks TLS: write https:// in its URL`)

/** What servers of TLS say to those who ask without it: Go's, nginx's, Apache's and Envoy's words. */
const WANTS_TLS =
  /HTTP request (?:was sent )?to (?:an )?HTTPS|speaking plain HTTP to an SSL|not an? (?:SSL|TLS)|requires? TLS/i

/** `answer`: what came instead. */
export function unexpectedFailure(called: Called, { what }: Service, { message = '' }: Partial<Answer> = {}): Failure {
  const { host, field } = called
  if (isHttp(called) && WANTS_TLS.test(message)) return plainFailure(called)
  return stalled('UnexpectedAnswer', `${host} (${field}) does not answer like ${what}: check the address and the port`)
}

/** Pure: failures of calls to which no answer came. */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import type { Answer } from './answer.ts'

/** The endpoint that was called, for messages. */
export interface Called {
  /** `host:port` */
  host: string
  /** The spec field, or the variable of the operator's environment, that names the host. */
  field: string
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
  EPROTO: 'the handshake failed: check that the port speaks TLS',
}

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
  if (code === 'UnexpectedAnswer') return unexpectedFailure(called, service)
  if (code in TLS_WORDS || UNTRUSTED.test(code)) {
    const words =
      TLS_WORDS[code] ?? `its certificate is not trusted (${code}): set ${service.caField} to the CA that signed it`
    return stalled('TLSVerificationFailed', `no TLS connection to ${host} (${field}): ${words}`)
  }
  const words = CONNECTION_WORDS[code] ?? code
  return transient(
    'EndpointUnreachable',
    `${host} (${field}) is unreachable: ${words}: check the address, the service and network policies`,
  )
}

export const unexpectedFailure = ({ host, field }: Called, { what }: Service): Failure =>
  stalled('UnexpectedAnswer', `${host} (${field}) does not answer like ${what}: check the address and the port`)

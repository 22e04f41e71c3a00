/** Entra tokens for Azure Storage. Refusals are judged in entra-failures.ts. */
import { type Failure, isFailure } from '../../api/failures.ts'
import { isOk } from '../network/answer.ts'
import type { Transports } from '../network/transports.ts'
import { ask } from './answer.ts'
import type { EntraAuth } from './auth.ts'
import { networkUrlOf } from './clouds.ts'
import type { EntraToken } from './credentials.ts'
import { entraFailure, refusesAssertion } from './entra-failures.ts'
import { createSend } from './http.ts'
import type { AzureIdentity } from './identity.ts'
import { operatorExchange } from './operator-exchange.ts'

export interface EntraOptions {
  transports: Transports
  /** Connections to the node's identity service, whose address is refused everywhere else. */
  nodeTransports: Transports
}

/** Address of the identity service, the same on every virtual machine. */
const NODE_IDENTITY_URL = 'http://169.254.169.254'

export async function entraToken(
  { transports, nodeTransports }: EntraOptions,
  identity: AzureIdentity,
  given: EntraAuth,
  signal: AbortSignal,
): Promise<EntraToken | Failure> {
  const exchange = given.kind === 'managedIdentity' ? await operatorExchange(given, process.env) : undefined
  if (isFailure(exchange)) return exchange
  // The connector's authority and CAs are not used for the operator's own identity.
  const { auth, authority, caPem } = exchange ?? { ...identity, auth: given }
  const assertion = auth.kind === 'workloadIdentity' ? await auth.token(signal) : undefined
  if (isFailure(assertion)) return assertion

  const isNode = auth.kind === 'managedIdentity'
  // Azure's library reads the same variable.
  const url = isNode
    ? (process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] ?? NODE_IDENTITY_URL)
    : networkUrlOf(authority.url)
  const { connector } = identity
  const transport = (isNode ? nodeTransports : transports).acquire({ endpoint: new URL(url).origin, caPem, connector })
  const send = createSend(transport.agents, url, transport.answers)
  // The library is loaded only where a token is needed.
  const { requestToken } = await import('./credentials.ts')
  try {
    const applicant = { auth, authorityHost: networkUrlOf(authority.url), assertion }
    const answer = await ask(transport.gate, 'GetToken', signal, s => requestToken(applicant, send, s))
    if (isOk(answer) && answer.value) return answer.value
    if (auth.kind === 'workloadIdentity' && assertion && refusesAssertion(answer)) auth.refused(assertion)
    return entraFailure(answer, auth, authority, assertion)
  } finally {
    transport.release()
  }
}

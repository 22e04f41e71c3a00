/** `spec.azure`: Azure Blob Storage. */
import type { Network } from '../network/agents.ts'
import { NO_GUARD } from '../network/endpoint-guard.ts'
import type { OnRequest } from '../network/gate.ts'
import { Transports } from '../network/transports.ts'
import type { Identity, Provider } from '../provider.ts'
import { answerOfError } from './answer.ts'
import { PUBLIC_AUTHORITY } from './clouds.ts'
import { type AzureIdentity, identity, references } from './identity.ts'
import { requiredPermissions } from './permissions.ts'

export interface AzureProviderOptions {
  clock: () => Date
  /** Time in ms that never jumps. Default: this process's. */
  monotonic?: () => number
  onRequest?: OnRequest
  /** Default: no proxy, and no other addresses refused than everywhere. */
  network?: Network
}

/** To the identity service of the node, which only those reach whom an administrator lets use the operator's identity. */
const NODE: Network = { guard: NO_GUARD, proxyEnv: {} }

export function createAzureProvider(options: AzureProviderOptions): Provider & { close(): void } {
  const { clock, monotonic = () => performance.now(), onRequest, network } = options
  const shared = { monotonic, onRequest, answerOf: answerOfError }
  const transports = new Transports({ ...shared, network, addsCAs: true })
  const nodeTransports = new Transports({ ...shared, network: NODE })

  return {
    name: 'azure',
    references,
    identity: (spec, resolved) => identity(spec, resolved, network?.guard),
    async open(identity, signal) {
      // The SDK is large, and many clusters have no use for it.
      const { openSession } = await import('./open.ts')
      return openSession({ transports, nodeTransports, clock }, ours(identity), signal)
    },
    requiredPermissions,
    group({ azure }) {
      const { auth = {}, endpoint, accountName, authorityHost = PUBLIC_AUTHORITY } = azure ?? {}
      const { servicePrincipal, accountKey, sasToken, connectionString } = auth
      // Where only the Secret names the account, its name stands for it.
      const secret = servicePrincipal ?? accountKey ?? sasToken ?? connectionString
      const host = endpoint && /^https?:\/\/[^/]+/.exec(endpoint)?.[0]
      return `azure ${host ?? accountName ?? secret?.secretName} ${authorityHost}`
    },
    close() {
      transports.close()
      nodeTransports.close()
    },
  }
}

/** Identities are opaque outside; the session cache hands ours back. */
function ours(identity: Identity): AzureIdentity {
  if (identity.provider !== 'azure') throw new Error(`an identity of provider ${identity.provider}`)
  return identity as AzureIdentity
}

/** `spec.azure`: Azure Blob Storage. */
import type { Network } from '../network/agents.ts'
import { NO_GUARD } from '../network/endpoint-guard.ts'
import type { OnRequest } from '../network/gate.ts'
import { Transports } from '../network/transports.ts'
import type { Identity, Provider } from '../provider.ts'
import { answerOfError } from './answer.ts'
import { groupOf } from './group.ts'
import { type AzureIdentity, identity, references } from './identity.ts'
import { requiredPermissions } from './permissions.ts'

export interface AzureProviderOptions {
  now: () => Date
  /** Time in ms that never jumps. Default: this process's. */
  monotonic?: () => number
  onRequest?: OnRequest
  /** Default: no proxy, and only those addresses refused that are refused everywhere. */
  network?: Network
}

/** Network to the node's identity service. Only connectors that may use the operator's own identity get there. */
const NODE: Network = { guard: NO_GUARD, proxyEnv: {} }

export function createAzureProvider(options: AzureProviderOptions): Provider & { close(): void } {
  const { now, monotonic = () => performance.now(), onRequest, network } = options
  const shared = { monotonic, onRequest, answerOf: answerOfError }
  const transports = new Transports({ ...shared, network, addsCAs: true })
  const nodeTransports = new Transports({
    ...shared,
    network: { ...NODE, ...(network?.budget && { budget: network.budget }) },
  })

  return {
    name: 'azure',
    references,
    identity: (spec, resolved) => identity(spec, resolved, network?.guard),
    async open(identity, signal) {
      // The SDK is large, and many clusters have no Azure connector.
      const { openSession } = await import('./open.ts')
      return openSession({ transports, nodeTransports, now }, ours(identity), signal)
    },
    requiredPermissions,
    group: ({ azure }, namespace) => groupOf(azure, namespace),
    close() {
      transports.close()
      nodeTransports.close()
    },
  }
}

/** Identities are opaque outside of their provider; the session cache hands this provider's own back. */
function ours(identity: Identity): AzureIdentity {
  if (identity.provider !== 'azure') throw new Error(`an identity of provider ${identity.provider}`)
  return identity as AzureIdentity
}

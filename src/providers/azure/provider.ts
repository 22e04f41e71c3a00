/** `spec.azure`: Azure Blob Storage. */
import type { Network, Outages } from '../network/agents.ts'
import { NO_GUARD } from '../network/endpoint-guard.ts'
import type { OnRequest } from '../network/gate.ts'
import { Transports } from '../network/transports.ts'
import type { Identity, Provider } from '../provider.ts'
import { answerOfError } from './answer.ts'
import { groupOf, NODE_HOST } from './group.ts'
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

export function createAzureProvider(options: AzureProviderOptions): Provider & { broken(): number; close(): void } {
  const { now, monotonic = () => performance.now(), onRequest, network } = options
  const shared = { monotonic, onRequest, answerOf: answerOfError }
  const transports = new Transports({ ...shared, network, addsCAs: true })
  const { budget, outages } = network ?? {}
  const nodeTransports = new Transports({
    ...shared,
    network: { ...NODE, ...(budget && { budget }), ...(outages && { outages: outagesOfNode(outages) }) },
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
    versionPermissions: [],
    group: ({ azure }, namespace) => groupOf(azure, namespace),
    letThrough({ azure }, namespace) {
      const hosts = groupOf(azure, namespace).split(' ')
      // Where only a Secret knows the host, it may be any.
      const isHidden = hosts.includes('Secret')
      transports.letThrough(endpoint => isHidden || hosts.includes(endpoint))
      if (hosts.includes(NODE_HOST)) nodeTransports.letThrough(() => true)
    },
    broken: () => transports.broken + nodeTransports.broken,
    close() {
      transports.close()
      nodeTransports.close()
    },
  }
}

/** The node's identity service has several addresses, and groups have one name for it. */
const outagesOfNode = ({ mayTry, over }: Outages): Outages => ({
  mayTry: () => mayTry(NODE_HOST),
  over: () => over(NODE_HOST),
})

/** Identities are opaque outside of their provider; the session cache hands this provider's own back. */
function ours(identity: Identity): AzureIdentity {
  if (identity.provider !== 'azure') throw new Error(`an identity of provider ${identity.provider}`)
  return identity as AzureIdentity
}

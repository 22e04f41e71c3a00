/** `spec.azure`: Azure Blob Storage. */
import type { OnRequest } from '../gate.ts'
import type { Identity, Provider } from '../provider.ts'
import { type AzureIdentity, identity, references } from './identity.ts'
import { requiredPermissions } from './permissions.ts'
import { Transports } from './transports.ts'

export interface AzureProviderOptions {
  clock: () => Date
  onRequest?: OnRequest
  /** Where managed identities get their tokens. Default: the identity service of the node. */
  nodeIdentityUrl?: string
}

/** The same for every virtual machine. */
const NODE_IDENTITY_URL = 'http://169.254.169.254'

export function createAzureProvider(options: AzureProviderOptions): Provider & { close(): void } {
  const { clock, onRequest, nodeIdentityUrl = NODE_IDENTITY_URL } = options
  const transports = new Transports({ clock, onRequest })

  return {
    name: 'azure',
    references,
    identity,
    async open(identity, signal) {
      // The SDK is large, and many clusters have no use for it.
      const { openSession } = await import('./open.ts')
      return openSession({ transports, clock, nodeIdentityUrl }, ours(identity), signal)
    },
    requiredPermissions,
    group({ azure }) {
      const { servicePrincipal, accountKey, sasToken, connectionString } = azure?.auth ?? {}
      // Where only the Secret names the account, its name stands for it.
      const secret = servicePrincipal ?? accountKey ?? sasToken ?? connectionString
      return `azure ${azure?.endpoint ?? azure?.accountName ?? secret?.secretName}`
    },
    close: () => transports.close(),
  }
}

/** Identities are opaque outside; the session cache hands ours back. */
function ours(identity: Identity): AzureIdentity {
  if (identity.provider !== 'azure') throw new Error(`an identity of provider ${identity.provider}`)
  return identity as AzureIdentity
}

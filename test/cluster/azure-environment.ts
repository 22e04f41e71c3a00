/** What tests of Azure stores need: a control plane, an Entra that trusts its ServiceAccounts, a storage account. */
import { type Azurite, startAzurite } from './azurite.ts'
import { type BlobGateway, startBlobGateway } from './blob-gateway.ts'
import { createCertificateAuthority } from './certificates.ts'
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts'
import { type Entra, startEntra } from './entra.ts'
import { type Imds, startImds } from './imds.ts'

export interface AzureEnvironment {
  readonly controlPlane: ControlPlane
  readonly entra: Entra
  readonly imds: Imds
  /** The storage account as clients see it: its endpoint requires roles. */
  readonly storage: BlobGateway
  /** The same storage account without the gateway, for its administrator. */
  readonly azurite: Azurite
  /** The CA of Entra and of the storage account; the control plane has its own CA. */
  readonly caPem: string
  keepLogs(): void
  stop(): Promise<void>
}

export async function startAzureEnvironment(
  options: Omit<ControlPlaneOptions, 'whenServing'> = {},
): Promise<AzureEnvironment> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    await Promise.all(stops.map(stop => stop()))
  }
  const started = async <T extends { stop(): Promise<void> }>(start: Promise<T>): Promise<T> => {
    const part = await start
    stops.push(() => part.stop())
    return part
  }

  const authority = await createCertificateAuthority('test azure')
  // allSettled waits for both: when one fails to start, the other is not left starting without an owner.
  const [cluster, account] = await Promise.allSettled([
    started(startControlPlane(options)),
    started(startAzurite({ authority })),
  ])
  try {
    if (cluster.status === 'rejected') throw cluster.reason
    if (account.status === 'rejected') throw account.reason
    const [controlPlane, azurite] = [cluster.value, account.value]
    const entra = await started(startEntra({ authority, issuerCaPem: controlPlane.caPem }))
    const imds = await started(startImds(entra.tokens))
    const storage = await started(startBlobGateway({ azurite, authority, tokens: entra.tokens }))
    return {
      ...{ controlPlane, entra, imds, storage, azurite, stop },
      caPem: authority.certPem,
      keepLogs() {
        controlPlane.keepLogs()
        azurite.keepLogs()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

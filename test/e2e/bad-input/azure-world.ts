/** Parts of the rows in azure-*.suite.ts, and the world in which all of these are tried at once. */
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { CONFIG_MAPS } from '../../../src/kube/resource.ts'
import type { EntraApp } from '../../cluster/entra.ts'
import { type AzureSpec, type AzureTenant, AzureWorld } from '../../support/azure-world.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import type { BadInput } from './run.ts'
import { type Servers, startServers } from './servers.ts'

export type Row = BadInput<AzureInputWorld>

export interface AzureInputWorld extends Pick<AzureWorld, 'azure' | 'register' | 'federated'> {
  /** The namespace of the inputs, whose connector `azure` works. */
  tenant: AzureTenant
  /** Another namespace. */
  elsewhere: AzureTenant
  operator: OperatorProcess
  servers: Servers
  /** Secret values, which must never be seen in status, events or logs. */
  secrets: Set<string>
  /** Creates a Secret whose values, except ids and names, must not be seen. */
  secret(name: string, values: Record<string, string>, labelled?: boolean): Promise<void>
  /** Registers a client of Entra and creates the Secret that it authenticates with, with the values of `change`. */
  client(name: string, change?: Record<string, string>, app?: Partial<EntraApp>): Promise<EntraApp>
  stop(): Promise<void>
}

/** A connector to the storage account and the Entra of the world, except for the change. */
export const atAzure = (
  { tenant }: AzureInputWorld,
  change: Partial<AzureSpec> = {},
  rest: Partial<ServiceConnectorSpec> = {},
): ServiceConnectorSpec => ({ azure: tenant.azure(change), ...rest })

/** The client id of nobody. */
export const NOBODY = '99999999-0000-0000-0000-000000000009'
/** As the operator itself, which takes no CA of a connector. */
export function asNode({ tenant }: AzureInputWorld, managedIdentity: object, change: Partial<AzureSpec> = {}) {
  const { caBundle: _, ...azure } = tenant.azure(change)
  return { azure: { ...azure, auth: { managedIdentity } } }
}

export const accountKey = (secretName: string): AzureSpec['auth'] => ({ accountKey: { secretName } })
export const sasToken = (secretName: string): AzureSpec['auth'] => ({ sasToken: { secretName } })
export const servicePrincipal = (secretName: string): AzureSpec['auth'] => ({ servicePrincipal: { secretName } })
export const workloadIdentity = (serviceAccountName: string, more: object = {}): AzureSpec['auth'] => ({
  workloadIdentity: { serviceAccountName, ...more },
})

/** A spec of a store with one entry of credentials. */
export const entry = (change: object = {}): Pick<ArtifactStoreSpec, 'credentials'> => ({
  credentials: [{ name: 'step', formats: ['Env'], ...change }],
})

export async function startInputWorld(): Promise<AzureInputWorld> {
  const world = await AzureWorld.start()
  try {
    const servers = await startServers()
    const stop = async () => {
      await Promise.all([world.stop(), servers.stop()])
    }
    const [tenant, elsewhere] = await Promise.all([world.tenant('bad'), world.tenant('elsewhere')])
    await tenant.create(CONFIG_MAPS, 'other-ca', { data: { 'ca.crt': servers.caPem } }, true)
    const operator = await world.startOnNode([
      '--allowed-audiences=api://AzureADTokenExchange,other',
      ...['--allow-implicit-auth=true', '--implicit-auth-namespaces=bad'],
      `--implicit-auth-endpoints=${new URL(world.azure.storage.endpoint).hostname}`,
      `--implicit-auth-client-ids=default,${NOBODY}`,
    ])
    const all: AzureInputWorld = {
      ...{ azure: world.azure, tenant, elsewhere, operator, servers, stop },
      register: (change, ...roles) => world.register(change, ...roles),
      federated: (namespace, serviceAccount) => world.federated(namespace, serviceAccount),
      secrets: new Set([world.azure.azurite.accountKey]),
      async secret(name, values, labelled) {
        for (const [key, value] of Object.entries(values)) {
          if (!/_(id|name)$/.test(key) && value.trim()) all.secrets.add(value.trim())
        }
        const signature = new URLSearchParams(values['sas_token']).get('sig')
        if (signature) all.secrets.add(signature)
        await tenant.secret(name, values, labelled)
      },
      async client(name, change = {}, more = {}) {
        const client_secret = `client-secret-of-${name}`
        const app = world.register({ secrets: [{ value: client_secret }], ...more })
        const ids = { tenant_id: app.tenantId, client_id: app.clientId }
        await all.secret(name, { ...ids, client_secret, ...change })
        return app
      },
    }
    await tenant.connector('azure')
    await tenant.store('good', { path: 'az://bad/good', default: true })
    await tenant.storeReady('good')
    return all
  } catch (error) {
    await world.stop()
    throw error
  }
}

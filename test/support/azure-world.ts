/** A cluster with a storage account, Entra and a node's identity service, and the operator installed. */
import { randomUUID } from 'node:crypto'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, SERVICE_ACCOUNTS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { type AzureEnvironment, startAzureEnvironment } from '../cluster/azure-environment.ts'
import type { RoleAssignment } from '../cluster/blob-roles.ts'
import type { EntraApp } from '../cluster/entra.ts'
import { CRDS, Installation } from './installation.ts'
import { Namespace } from './namespace.ts'
import type { OperatorProcess } from './operator-process.ts'
import { addressLeadsTo } from './preload.ts'

export type AzureSpec = NonNullable<ServiceConnectorSpec['azure']>

export const TENANT_ID = 'aaaaaaaa-0000-0000-0000-000000000001'
const AUDIENCE = 'api://AzureADTokenExchange'
/** The address at which nodes of Azure find their identity service. */
const NODE_IDENTITY = '169.254.169.254'

export class AzureWorld extends Installation {
  readonly azure: AzureEnvironment

  protected constructor(azure: AzureEnvironment) {
    super(azure.controlPlane)
    this.azure = azure
  }

  static async start(): Promise<AzureWorld> {
    return new AzureWorld(await startAzureEnvironment({ crds: CRDS })).install()
  }

  override async stop(): Promise<void> {
    await super.stop()
    await this.azure.stop()
  }

  /** Starts the operator as on a node of Azure. `nodeFlags`: more flags for Node. */
  startOnNode(flags: string[] = [], nodeFlags: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<OperatorProcess> {
    return this.startOperator(['--leader-elect=false', ...flags], {
      main: 'src/main.ts',
      env,
      nodeFlags: [...addressLeadsTo(NODE_IDENTITY, this.azure.imds.url), ...nodeFlags],
    })
  }

  /** The federated credential that trusts a ServiceAccount. */
  federated(namespace: string, serviceAccount = 'runner') {
    const subject = `system:serviceaccount:${namespace}:${serviceAccount}`
    return { issuer: this.controlPlane.issuer, subject, audience: AUDIENCE }
  }

  /** Registers a client of Entra with roles on the storage account. */
  register(change: Partial<EntraApp> = {}, ...roles: Omit<RoleAssignment, 'objectId'>[]): EntraApp {
    const app = { tenantId: TENANT_ID, clientId: randomUUID(), objectId: randomUUID(), ...change }
    this.azure.entra.register(app)
    for (const role of roles) this.azure.storage.assign({ objectId: app.objectId, ...role })
    return app
  }

  /**
   * Creates a namespace with a container of the same name, the labelled CA, and the ServiceAccount `runner`, whose
   * client may read and write there.
   */
  async tenant(name: string): Promise<AzureTenant> {
    const app = this.register(
      { federatedCredentials: [this.federated(name)] },
      { role: 'Storage Blob Delegator' },
      { role: 'Storage Blob Data Contributor', container: name },
    )
    const tenant = new AzureTenant(this, name, app)
    await tenant.createNamespace()
    await tenant.serviceAccount('runner', app)
    await tenant.create(CONFIG_MAPS, 'azure-ca', { data: { 'ca.crt': this.azure.caPem } }, true)
    await this.azure.azurite.admin.createContainer(name)
    return tenant
  }
}

export class AzureTenant extends Namespace<AzureWorld> {
  /** The client of the ServiceAccount `runner`. */
  readonly app: EntraApp

  constructor(world: AzureWorld, name: string, app: EntraApp) {
    super(world, name)
    this.app = app
  }

  /** Creates a ServiceAccount that is annotated with the client. */
  async serviceAccount(name: string, { clientId, tenantId }: Pick<EntraApp, 'clientId' | 'tenantId'>): Promise<void> {
    const { apiVersion, kind } = SERVICE_ACCOUNTS
    const annotations = {
      'azure.workload.identity/client-id': clientId,
      'azure.workload.identity/tenant-id': tenantId,
    }
    const metadata = { name, namespace: this.name, annotations }
    await this.world.client.create(SERVICE_ACCOUNTS, { apiVersion, kind, metadata })
  }

  /** The spec of a connector that authenticates as `runner`, unless overridden. */
  azure<T extends Partial<AzureSpec>>(change?: T) {
    const { azurite, storage, entra } = this.world.azure
    return {
      accountName: azurite.accountName,
      endpoint: storage.endpoint,
      authorityHost: entra.authorityHost,
      caBundle: { configMapKeyRef: { name: 'azure-ca' } },
      auth: { workloadIdentity: { serviceAccountName: 'runner' } },
      ...change,
    } satisfies AzureSpec
  }

  connector(name: string, azure: Partial<AzureSpec> = {}, rest: Partial<ServiceConnectorSpec> = {}) {
    return this.create(SERVICE_CONNECTORS, name, { spec: { azure: this.azure(azure), ...rest } })
  }

  /** Creates a store in the container of the namespace, through the connector `azure`. */
  store(name: string, spec: Partial<ArtifactStoreSpec> = {}) {
    const { path = `az://${this.name}/${name}`, connectorRef = { name: 'azure' }, ...rest } = spec
    const credentials = [{ name: 'step', formats: ['Env' as const] }]
    return this.create(ARTIFACT_STORES, name, { spec: { path, connectorRef, credentials, ...rest } })
  }

  /** The values of a Secret in plain text; fails when there is none. */
  async values(name: string): Promise<Record<string, string>> {
    const secret = await this.getSecret(name)
    if (!secret) throw new Error(`there is no Secret "${this.name}/${name}"`)
    return Object.fromEntries(
      Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    )
  }

  /** The SAS token of an Env Secret, by parameter. */
  async sas(name: string): Promise<URLSearchParams> {
    return new URLSearchParams((await this.values(name))['AZURE_STORAGE_SAS_TOKEN'])
  }
}

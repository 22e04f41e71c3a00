/** The demo for Azure: a storage account, an Entra for this cluster, the sample azure-workload-identity, and adlfs. */
import { join } from 'node:path'
import { findCondition, READY } from '../../src/api/conditions.ts'
import { CREDENTIALS_LABEL, REQUESTED_AT_ANNOTATION } from '../../src/api/names.ts'
import type { ServiceConnector } from '../../src/api/service-connector.ts'
import { SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import type { EntraApp } from '../cluster/entra.ts'
import { pythonWithAdlfs } from '../cluster/tools.ts'
import { AzureWorld } from '../support/azure-world.ts'
import type { ClientProcess } from '../support/client-process.ts'
import type { SecretObject } from '../support/namespace.ts'
import { until } from '../support/until.ts'
import { startAdlfs } from './adlfs.ts'
import { add, replace, writeOverlay } from './overlay.ts'
import { DIRECTORY, NAMESPACE, type Presenter } from './presenter.ts'

const [CONTAINER, PREFIX, CONNECTOR] = ['models', 'team-a/', 'azure']

export const startWorld = (): Promise<AzureWorld> => AzureWorld.start()

export async function run(world: AzureWorld, presenter: Presenter): Promise<void> {
  const { entra, storage, azurite } = world.azure
  presenter.show(`Kubernetes at ${world.controlPlane.server}, the storage account at ${storage.endpoint},`)
  presenter.show(`Entra at ${entra.authorityHost}; deploy/ is applied`)
  for (const name of [CONTAINER, 'others']) await azurite.admin.createContainer(name)
  const app = world.register(
    {},
    { role: 'Storage Blob Delegator' },
    { role: 'Storage Blob Data Contributor', container: CONTAINER },
  )
  presenter.show('a client of Entra has the roles "Storage Blob Delegator" on the account')
  presenter.show(`and "Storage Blob Data Contributor" on container ${CONTAINER}; it trusts no ServiceAccount yet`)
  const operator = await presenter.startOperator()

  customize(world, app)
  await presenter.apply('deploy/samples/azure-workload-identity with the endpoints, ids and CA of this machine')
  await explained(world, presenter)
  // This is what "az identity federated-credential create" does.
  world.register({ ...app, federatedCredentials: [world.federated(NAMESPACE, 'artifacts')] })
  presenter.show('it is created; kubectl annotate asks the operator for another look')
  const annotation = `${REQUESTED_AT_ANNOTATION}=${new Date().toISOString()}`
  await presenter.kubectl(['annotate', `serviceconnector/${CONNECTOR}`, '-n', NAMESPACE, annotation])
  await presenter.ready(operator)

  await useSecrets(world, presenter)
  await presenter.showStatus()
}

function customize({ azure: { entra, storage, azurite, caPem } }: AzureWorld, app: EntraApp): void {
  const ids = {
    'azure.workload.identity/client-id': app.clientId,
    'azure.workload.identity/tenant-id': app.tenantId,
  }
  const ca = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { 'ca.crt': caPem } },
    metadata: { name: 'azure-ca', namespace: NAMESPACE, labels: { [CREDENTIALS_LABEL]: 'true' } },
  }
  writeOverlay(
    DIRECTORY,
    'azure-workload-identity',
    {
      ServiceAccount: [replace('/metadata/annotations', ids)],
      ServiceConnector: [
        replace('/spec/azure/accountName', azurite.accountName),
        add('/spec/azure/endpoint', storage.endpoint),
        add('/spec/azure/authorityHost', entra.authorityHost),
        add('/spec/azure/caBundle', { configMapKeyRef: { name: 'azure-ca' } }),
      ],
    },
    [ca],
  )
}

async function explained({ client }: AzureWorld, presenter: Presenter): Promise<void> {
  const ready = await until('the connector is not Ready', async () => {
    const { status } = await client.get<ServiceConnector>(SERVICE_CONNECTORS, NAMESPACE, CONNECTOR)
    const condition = findCondition(status?.conditions, READY)
    return condition?.reason === 'FederatedCredentialMismatch' && condition
  })
  presenter.show(`${ready.reason}: ${ready.message}`)
  presenter.proven('status says which federated credential is missing')
}

async function useSecrets(world: AzureWorld, presenter: Presenter): Promise<void> {
  const python = await pythonWithAdlfs()
  const adlfs = ({ data, metadata }: SecretObject): ClientProcess =>
    startAdlfs(python, data, join(world.controlPlane.dir, metadata.uid))
  const blob = `${CONTAINER}/${PREFIX}hello.txt`
  const denied = { refused: 'AuthorizationPermissionMismatch' }

  await using step = adlfs(await presenter.readSecret('models-step'))
  await presenter.expect(step, `put ${blob} hello`, { ok: 'written' }, `adlfs wrote az://${blob}`)
  await presenter.expect(step, `get ${blob}`, { ok: 'hello' }, 'adlfs read it back')
  await presenter.expect(step, 'put others/x no', denied, 'it is refused in another container')
  await using viewer = adlfs(await presenter.readSecret('models-viewer'))
  await presenter.expect(viewer, `get ${blob}`, { ok: 'hello' }, 'the Secret for readers reads')
  await presenter.expect(viewer, `put ${blob} no`, denied, 'and may not write')
  await using next = adlfs(await presenter.repaired('models-step'))
  await presenter.expect(next, `get ${blob}`, { ok: 'hello' }, 'the next step reads with the new ones')
}

/** `doctor` on broken set-ups for Azure: the commands that it prints are run as they are, and then the store is Ready. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { endpointRows } from '../e2e/bad-input/azure-endpoint.suite.ts'
import { identityRows } from '../e2e/bad-input/azure-identity.suite.ts'
import { sasRows } from '../e2e/bad-input/azure-sas.suite.ts'
import { storeRows } from '../e2e/bad-input/azure-store.suite.ts'
import { type AzureInputWorld, startInputWorld } from '../e2e/bad-input/azure-world.ts'
import { type AzTool, putAzTool } from '../support/az-tool.ts'
import { CommandLine } from '../support/command-line.ts'
import { startShell } from '../support/printed-command.ts'
import { type Clinic, cured, noSecretPrinted } from './doctor-cures.ts'

/** Names of rows. */
const CURABLE = [
  ...['secret-missing', 'secret-unlabelled', 'key-missing', 'key-empty', 'key-with-line-break', 'client-id-malformed'],
  ...['client-secret-wrong', 'client-unknown', 'tenant-unknown', 'account-key-malformed', 'account-key-wrong'],
  ...['client-id-not-set', 'client-id-annotation-malformed'],
  ...['ca-missing', 'ca-key-missing', 'ca-not-pem'],
  ...['container-missing', 'container-not-lent', 'permission-of-another-cloud'],
]
const rows = [...identityRows, ...endpointRows, ...storeRows].filter(({ name }) => CURABLE.includes(name))

/** Names of rows whose cure is at Azure. */
const AT_CLOUD = [
  ...['account-not-trusted', 'no-role', 'reader-shall-write', 'role-elsewhere', 'no-delegator'],
  ...['container-not-ours-to-create', 'sas-reads-only', 'sas-for-a-blob', 'sas-without-rights', 'sas-expired'],
]
const cloudRows = [...identityRows, ...storeRows, ...sasRows].filter(({ name }) => AT_CLOUD.includes(name))

// Skipped on an existing cluster, whose issuer may not be open to everyone.
describe('doctor on Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let world: AzureInputWorld
  let cli: CommandLine
  let clinic: Clinic<AzureInputWorld>
  let tool: AzTool
  before(async () => {
    world = await startInputWorld()
    const { controlPlane } = world.azure
    cli = await CommandLine.bundle(controlPlane.kubeconfig)
    await writeFile(join(cli.folder, 'ca.crt'), world.azure.caPem)
    const secret = 'secret-of-the-client-at-hand'
    const accounts = ['runner', 'client-id-not-set', 'client-id-annotation-malformed']
    const { clientId, tenantId } = world.register(
      {
        secrets: [{ value: secret }],
        federatedCredentials: accounts.map(name => world.federated('bad', name)),
      },
      { role: 'Storage Blob Delegator' },
      { role: 'Storage Blob Data Owner' },
    )
    world.secrets.add(secret)
    tool = await putAzTool(cli.folder, world.azure)
    const shell = await startShell(cli, controlPlane, {
      ...tool.env,
      SAS_EXPIRY: '2099-01-31T00:00Z',
      AZURE_CLIENT_ID: clientId,
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_STORAGE_KEY: world.azure.azurite.accountKey,
    })
    clinic = { world, cli, shell, usual: { bucket: 'az://bad', connector: 'azure' }, printed: [] }
  })
  after(async () => {
    await cli?.remove()
    await tool?.stop()
    await world?.stop()
  })

  describe('the printed commands make the store Ready', { concurrency: 4 }, () => {
    for (const row of rows) test(`${row.name}: ${row.reason}`, () => cured(clinic, { row }))
  })

  describe('the printed commands for Azure make the store Ready', { concurrency: 2 }, () => {
    for (const row of cloudRows) {
      test(`${row.name}: ${row.reason}`, () => cured({ ...clinic, place: 'outside' }, { row }))
    }
  })

  test('no secret was printed', () => noSecretPrinted(clinic))
})

/** `policy` for Azure: what it prints is run as it is, and then the store is Ready; what is left out of it is named. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { FORMATS } from '../../src/api/credentials-entry.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { documented, ended } from '../e2e/cli/parts.ts'
import { putAzTool } from '../support/az-tool.ts'
import { type AzureSpec, type AzureTenant, AzureWorld } from '../support/azure-world.ts'
import { CommandLine, collect } from '../support/command-line.ts'
import { startShell } from '../support/printed-command.ts'

const SECRET = 'secret-of-the-client'
const NAMESPACE = 'models'
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs'

// Skipped on an existing cluster, whose issuer may not be open to everyone.
describe('policy on Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let world: AzureWorld
  let tenant: AzureTenant
  let cli: CommandLine
  let tool: Awaited<ReturnType<typeof putAzTool>>
  let env: NodeJS.ProcessEnv
  before(async () => {
    world = await AzureWorld.start()
    tenant = await world.tenant(NAMESPACE)
    await world.startOnNode()
    cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
    await startShell(cli, world.controlPlane)
    tool = await putAzTool(cli.folder, world.azure)
    env = {
      ...cli.env(),
      ...tool.env,
      KUBECACHEDIR: `${world.controlPlane.dir}/kubectl-cache`,
      SAS_EXPIRY: '2031-01-31T00:00Z',
    }
  })
  after(async () => {
    await cli?.remove()
    await tool?.stop()
    await world?.stop()
  })

  /** A client of Entra that nothing is set up for. */
  const client = () => world.register({ secrets: [{ value: SECRET }] })

  const AUTH: Record<string, (name: string) => Promise<AzureSpec['auth']>> = {
    async workloadIdentity(name) {
      await tenant.serviceAccount(name, client())
      return { workloadIdentity: { serviceAccountName: name } }
    },
    async servicePrincipal(name) {
      const { tenantId: tenant_id, clientId: client_id } = client()
      await tenant.secret(name, { tenant_id, client_id, client_secret: SECRET })
      return { servicePrincipal: { secretName: name } }
    },
  }

  async function create(name: string, auth: AzureSpec['auth'], spec: Partial<ArtifactStoreSpec>): Promise<void> {
    await tenant.create(SERVICE_CONNECTORS, name, { spec: { azure: tenant.azure({ auth }) } })
    const path = `az://${NAMESPACE}/${name}`
    await tenant.create(ARTIFACT_STORES, name, { spec: { path, connectorRef: { name }, ...spec } })
  }

  async function scriptFor(name: string): Promise<string> {
    documented('policy', await cli.run(`policy store/${name} -n ${NAMESPACE} -o json`))
    ended(await cli.run(`policy store/${name} -n ${NAMESPACE}`), 0)
    return ended(await cli.run(`policy store/${name} -n ${NAMESPACE} -o az-cli`), 0).out
  }

  async function run(script: string): Promise<string> {
    const ran = await collect('sh', ['-c', script], { env })
    assert.equal(ran.code, 0, `${script}\n${ran.out}${ran.err}`)
    return ran.out
  }

  async function looked(name: string): Promise<void> {
    await cli.run(`verify connector/${name} -n ${NAMESPACE}`)
    await cli.run(`verify store/${name} -n ${NAMESPACE}`)
  }

  interface Row {
    name: string
    spec: Partial<ArtifactStoreSpec>
    /** What status names where one assignment is left out, in the order in which they are printed. */
    told: RegExp[]
  }
  const entry = (access: 'ReadWrite' | 'ReadOnly' | 'WriteOnly') => ({
    credentials: FORMATS.filter(format => ['Env', 'ZenML', 'Rclone', 'Turborepo'].includes(format)).map(format => ({
      name: format.toLowerCase(),
      access,
      formats: [format],
    })),
  })
  const SIGNS = /generateUserDelegationKey/
  const ROWS: Row[] = [
    { name: 'read-write', spec: entry('ReadWrite'), told: [/blobs\/write/, SIGNS] },
    { name: 'read-only', spec: entry('ReadOnly'), told: [/blobs\/read/, SIGNS] },
    { name: 'write-only', spec: entry('WriteOnly'), told: [/blobs\/write/, SIGNS] },
    {
      name: 'with-tags',
      spec: { ...entry('ReadWrite'), verification: { require: [`${BLOBS}/tags/read`, `${BLOBS}/tags/write`] } },
      told: [/tags\/read/, SIGNS],
    },
    {
      name: 'created',
      spec: { ...entry('ReadWrite'), path: 'az://made-here/team', bucket: { create: true } },
      told: [/containers\//],
    },
  ]

  describe('what is printed makes the store Ready, and an assignment that is left out is named', {
    concurrency: 2,
  }, () => {
    for (const [method, auth] of Object.entries(AUTH)) {
      for (const { name: row, spec, told } of ROWS) {
        const name = `${row}-${method.toLowerCase()}`
        const path = spec.path?.replace('made-here', `made-${method.toLowerCase()}`)
        test(`for ${row} with ${method}`, async () => {
          await create(name, await auth(name), { ...spec, ...(path ? { path } : {}) })
          const script = await scriptFor(name)
          const lines = script.split('\n')
          const assigning = lines.filter(line => line.startsWith('az role assignment create'))
          assert.equal(assigning.length, told.length, script)
          // All of it but one line, for a client that has lost what it had; then all of it.
          for (const [at, words] of told.entries()) {
            const objectId = await run(
              [...lines.filter(line => !line.startsWith('az ')), 'printf %s "$PRINCIPAL_ID"'].join('\n'),
            )
            world.azure.storage.unassign(objectId.trim().split('\n').at(-1) ?? '')
            await run(lines.filter(line => line !== assigning[at]).join('\n'))
            await looked(name)
            const found = await tenant.storeCondition(name, 'Ready', 'False')
            assert.match(JSON.stringify(found.status), words)
          }
          await run(script)
          await looked(name)
          await tenant.storeReady(name)
        })
      }
    }
  })

  for (const { name, spec } of [
    { name: 'sas-of-container', spec: {} },
    { name: 'sas-of-account', spec: { path: 'az://made-by-sas/team', bucket: { create: true } } },
  ]) {
    test(`a SAS token with the printed letters makes the store Ready: ${name}`, async () => {
      await create(
        name,
        { sasToken: { secretName: name } },
        { credentials: [{ name: 'step', formats: ['Env'] }], ...spec },
      )
      const token = await run(await scriptFor(name))
      await tenant.secret(name, { sas_token: token.trim() })
      await looked(name)
      await tenant.storeReady(name)
    })
  }
})

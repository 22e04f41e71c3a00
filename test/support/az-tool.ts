/**
 * The Azure CLI as printed commands call it, at the emulators of tests: Azure itself can't be had. It takes only the
 * commands and options that are documented for it, and refuses all others.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import type { AzureEnvironment } from '../cluster/azure-environment.ts'
import type { BlobRole } from '../cluster/blob-roles.ts'
import { listen } from '../cluster/emulator.ts'
import type { EntraApp } from '../cluster/entra.ts'
import { putTool } from './cloud-tools.ts'

export interface AzTool {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

type Options = Record<string, string>

interface AzCommand {
  required: string[]
  optional?: string[]
  run(options: Options, azure: AzureEnvironment): string
}

const QUERY = ['query', 'output']
const GROUP = 'group-of-tests'

const appOf = ({ entra }: AzureEnvironment, clientId: string | undefined): EntraApp => {
  const app = entra.registered().find(app => app.clientId === clientId)
  if (!app) throw new Error(`no client ${clientId}`)
  return app
}

function federate(
  azure: AzureEnvironment,
  app: EntraApp,
  credential: { issuer: string; subject: string; audience: string },
) {
  const federatedCredentials = [...(app.federatedCredentials ?? []), credential]
  azure.entra.register({ ...app, federatedCredentials })
  return '{}'
}

const scopeOf = ({ azurite }: AzureEnvironment): string =>
  `/subscriptions/s/resourceGroups/${GROUP}/providers/Microsoft.Storage/storageAccounts/${azurite.accountName}`

const COMMANDS: Readonly<Record<string, AzCommand>> = {
  'storage account show': {
    required: ['name'],
    optional: QUERY,
    run: (_, azure) => scopeOf(azure),
  },
  'ad sp show': { required: ['id'], optional: QUERY, run: ({ id }, azure) => appOf(azure, id).objectId },
  'identity list': {
    required: ['query'],
    optional: ['output'],
    run({ query = '' }, azure) {
      const [, clientId, member] = /^\[\?clientId=='([^']+)'\]\.(name|resourceGroup|id) \| \[0\]$/.exec(query) ?? []
      const app = appOf(azure, clientId)
      return member === 'resourceGroup' ? GROUP : `identity-of-${app.clientId}`
    },
  },
  'identity federated-credential create': {
    required: ['name', 'identity-name', 'resource-group', 'issuer', 'subject', 'audiences'],
    run(options, azure) {
      const { issuer = '', subject = '', audiences: audience = '' } = options
      if (options['resource-group'] !== GROUP) throw new Error(`no resource group ${options['resource-group']}`)
      return federate(azure, appOf(azure, options['identity-name']?.replace('identity-of-', '')), {
        issuer,
        subject,
        audience,
      })
    },
  },
  'ad app federated-credential create': {
    required: ['id', 'parameters'],
    run({ id, parameters = '' }, azure) {
      const { name, issuer, subject, audiences } = JSON.parse(parameters)
      if (!name) throw new Error('a federated credential needs a name')
      return federate(azure, appOf(azure, id), { issuer, subject, audience: audiences[0] })
    },
  },
  'role assignment create': {
    required: ['assignee-object-id', 'assignee-principal-type', 'role', 'scope'],
    run(options, azure) {
      const { role = '', scope = '' } = options
      const account = scopeOf(azure)
      const container = scope.slice(`${account}/blobServices/default/containers/`.length)
      if (scope !== account && scope !== `${account}/blobServices/default/containers/${container}`)
        throw new Error(`no scope ${scope}`)
      azure.storage.assign({
        ...{ objectId: options['assignee-object-id'] ?? '', role: role as BlobRole },
        ...(scope === account ? {} : { container }),
      })
      return '{}'
    },
  },
  'storage container generate-sas': {
    required: ['account-name', 'name', 'permissions', 'expiry'],
    optional: ['https-only', 'output'],
    run: ({ name = '', permissions = '', expiry = '' }, { azurite }) =>
      generateBlobSASQueryParameters(
        {
          ...{ containerName: name, permissions: ContainerSASPermissions.parse(permissions) },
          ...{ expiresOn: new Date(expiry), protocol: SASProtocol.Https, version: '2022-11-02' },
        },
        new StorageSharedKeyCredential(azurite.accountName, azurite.accountKey),
      ).toString(),
  },
  'storage account generate-sas': {
    required: ['account-name', 'services', 'resource-types', 'permissions', 'expiry'],
    optional: ['https-only', 'output'],
    run: ({ services = '', permissions = '', expiry = '', ...rest }, { azurite }) =>
      generateAccountSASQueryParameters(
        {
          ...{ services, resourceTypes: AccountSASResourceTypes.parse(rest['resource-types'] ?? '').toString() },
          ...{ permissions: AccountSASPermissions.parse(permissions), expiresOn: new Date(expiry) },
          ...{ protocol: SASProtocol.Https, version: '2022-11-02' },
        },
        new StorageSharedKeyCredential(azurite.accountName, azurite.accountKey),
      ).toString(),
  },
}

/** Words of a command, and its options, as the CLI reads them. Throws for what it does not take. */
function parsed(words: readonly string[]): { command: AzCommand; options: Options } {
  const at = words.findIndex(word => word.startsWith('--'))
  const name = words.slice(0, at < 0 ? words.length : at).join(' ')
  const command = COMMANDS[name]
  if (!command) throw new Error(`'${name}' is misspelled or not recognized by the system`)
  const options: Options = {}
  for (let index = at; index >= 0 && index < words.length; index++) {
    const [, option = '', joined] = /^--([a-z-]+)(?:=(.*))?$/s.exec(words[index] ?? '') ?? []
    const known = [...command.required, ...(command.optional ?? [])]
    if (!known.includes(option)) throw new Error(`unrecognized arguments: ${words[index]}`)
    options[option] = joined ?? (option === 'https-only' ? 'true' : (words[++index] ?? ''))
  }
  const missing = command.required.filter(option => !options[option])
  if (missing.length > 0) throw new Error(`the following arguments are required: --${missing.join(', --')}`)
  return { command, options }
}

const CLIENT = `const answer = await fetch(process.env.AZ_TOOL, { method: 'POST', body: JSON.stringify(process.argv.slice(2)) })
const text = await answer.text()
if (answer.ok) console.log(text)
else { console.error('ERROR: ' + text); process.exitCode = 2 }
`

/** Puts `az` into a folder of PATH. */
export async function putAzTool(folder: string, azure: AzureEnvironment): Promise<AzTool> {
  const server = await listen(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    try {
      const { command, options } = parsed(JSON.parse(body))
      response.end(command.run(options, azure))
    } catch (error) {
      response.writeHead(400).end((error as Error).message)
    }
  })
  await writeFile(join(folder, 'az.mjs'), CLIENT)
  await putTool(folder, 'az', [process.execPath, join(folder, 'az.mjs')])
  return { env: { AZ_TOOL: server.url }, stop: server.stop }
}

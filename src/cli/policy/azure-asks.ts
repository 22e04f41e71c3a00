/** Pure: a connector to Azure with its stores, as roles, a federated credential, or letters of a SAS token. */
import { createHash } from 'node:crypto'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type AzureSpec, DEFAULT_AZURE_AUDIENCE, DEFAULT_AZURE_KEYS } from '../../api/azure-connector.ts'
import { DEFAULT_ACCESS } from '../../api/credentials-entry.ts'
import { isFailure } from '../../api/failures.ts'
import { parseStoreUri } from '../../api/uri.ts'
import { assignmentsOf, type ContainerAsks, sasLettersOf } from '../../providers/azure/needs/roles.ts'
import { kubectl, type Shell } from '../text/kubectl.ts'
import { annotatedClient, ISSUER_HOST, issuerOf } from './facts.ts'
import { hole, lineOf, type Unknown, withoutHoles } from './holes.ts'
import { wholeNote } from './notes.ts'
import { isReplacedWhole } from './peers.ts'
import type { AzureSheet, Subject } from './sheet.ts'

export function azureSheet(subject: Subject, azure: AzureSpec, shell: Shell): AzureSheet {
  const { of } = subject
  const asks = subject.stores.flatMap(store => containerAsks(store) ?? [])
  const given = azure.accountName === undefined ? hole('STORAGE_ACCOUNT') : withoutHoles(azure.accountName)
  return {
    ...{ of, cloud: 'Azure', accountName: given },
    ...ways(subject, azure, asks),
    unknowns: unknownsOf(subject, azure, given, shell),
    notes: notesOf(subject, azure),
  }
}

function containerAsks({ spec }: ArtifactStore): ContainerAsks | undefined {
  const uri = parseStoreUri(spec.path)
  if (isFailure(uri) || uri.cloud !== 'azure') return undefined
  const { credentials = [], verification, bucket, usage } = spec
  return {
    container: withoutHoles(uri.bucket),
    accesses: credentials.map(({ access = DEFAULT_ACCESS }) => access),
    ...(verification?.require ? { required: verification.require.map(withoutHoles) } : {}),
    ...(bucket?.create ? { create: true } : {}),
    ...(usage?.source === 'List' ? { usage: 'List' as const } : {}),
  }
}

function ways(subject: Subject, azure: AzureSpec, asks: ContainerAsks[]): Pick<AzureSheet, 'entra' | 'sas'> {
  const { workloadIdentity, managedIdentity, servicePrincipal, sasToken, connectionString } = azure.auth
  if (sasToken ?? connectionString) return { sas: sasOf(asks) }
  if (!workloadIdentity && !managedIdentity && !servicePrincipal) return {}
  const clientId = clientOf(subject, azure)
  const assignments = assignmentsOf(asks)
  return { entra: { clientId, assignments, ...(workloadIdentity ? { federated: federatedOf(subject, azure) } : {}) } }
}

/** A token for one container, where that is enough: the account's own tokens open all of them. */
function sasOf(asks: ContainerAsks[]): NonNullable<AzureSheet['sas']> {
  const letters = sasLettersOf(asks)
  const [container, ...others] = [...new Set(asks.map(({ container }) => container))]
  const isWide = container === undefined || others.length > 0 || asks.some(({ create }) => create)
  const why = isWide
    ? 'of the account, as it is for several containers, or creates one'
    : 'of one container; consumers get it as it is'
  return { letters, why, ...(isWide ? {} : { container }) }
}

function clientOf({ connector, facts }: Subject, { auth }: AzureSpec): string {
  const known =
    auth.workloadIdentity?.clientId ??
    auth.managedIdentity?.clientId ??
    (auth.workloadIdentity ? annotatedClient(facts) : undefined) ??
    connector.status?.identity?.clientId
  return known === undefined || known === '' ? hole('CLIENT_ID') : withoutHoles(known)
}

function federatedOf({ connector, facts }: Subject, { auth }: AzureSpec) {
  const { namespace = '' } = connector.metadata
  const { serviceAccountName = '', audience = DEFAULT_AZURE_AUDIENCE } = auth.workloadIdentity ?? {}
  const issuer = issuerOf(facts)
  return {
    name: credentialName(namespace, serviceAccountName, issuer),
    issuer,
    subject: withoutHoles(`system:serviceaccount:${namespace}:${serviceAccountName}`),
    audience: withoutHoles(audience),
  }
}

/**
 * One that no other ServiceAccount or cluster gives, as a credential of the same name would be replaced. Names of federated
 * credentials have 120 characters at most, and those of Kubernetes no "_".
 */
function credentialName(namespace: string, account: string, issuer: string): string {
  const mark = createHash('sha256').update(`${namespace} ${account} ${issuer}`).digest('hex').slice(0, 8)
  return `${`${namespace}_${account}`.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 110)}_${mark}`
}

function unknownsOf(subject: Subject, azure: AzureSpec, account: string, shell: Shell): Unknown[] {
  const client = clientOf(subject, azure)
  const identities = ['az', 'identity', 'list', '--output', 'tsv', '--query']
  const ofClient = (member: string) => lineOf([...identities, `[?clientId=='${client}'].${member} | [0]`])
  const tsv = ['--output', 'tsv']
  return [
    ISSUER_HOST,
    secretUnknown(subject, azure, shell),
    { name: 'STORAGE_ACCOUNT', how: 'name of the storage account: account_name in the Secret of the connector' },
    {
      ...{ name: 'STORAGE_ACCOUNT_ID', how: 'resource id of the storage account' },
      command: lineOf(['az', 'storage', 'account', 'show', `--name=${account}`, '--query', 'id', ...tsv]),
    },
    {
      ...{ name: 'PRINCIPAL_ID', how: 'object id of the service principal of the client' },
      command: lineOf(['az', 'ad', 'sp', 'show', `--id=${client}`, '--query', 'id', ...tsv]),
    },
    {
      ...{ name: 'IDENTITY_NAME', how: 'name of the managed identity with this client id' },
      command: ofClient('name'),
    },
    { ...{ name: 'IDENTITY_ID', how: 'resource id of the managed identity' }, command: ofClient('id') },
    {
      ...{ name: 'RESOURCE_GROUP', how: 'resource group of the managed identity' },
      command: ofClient('resourceGroup'),
    },
    { name: 'SAS_EXPIRY', how: 'end of the SAS token, as 2031-01-31T00:00Z: consumers work no longer than that' },
  ]
}

function secretUnknown({ connector }: Subject, { auth }: AzureSpec, shell: Shell): Unknown {
  const { namespace = '' } = connector.metadata
  const how =
    'client id: annotation azure.workload.identity/client-id of the ServiceAccount, or clientId of the connector'
  if (!auth.servicePrincipal) return { name: 'CLIENT_ID', how }
  const { secretName, clientIdKey } = { ...DEFAULT_AZURE_KEYS, ...auth.servicePrincipal }
  const template = `go-template={{index .data "${clientIdKey}" | base64decode}}`
  return {
    ...{ name: 'CLIENT_ID', how: `client id in Secret "${namespace}/${secretName}"` },
    command: kubectl(shell, ['get', 'secret', secretName, '-n', namespace, '-o', template]),
  }
}

function notesOf({ connector, stores, of, facts }: Subject, { auth }: AzureSpec): string[] {
  const notes: string[] = []
  if (auth.accountKey) {
    notes.push('an account key opens all of the storage account: nothing can be assigned; the account must allow keys')
  }
  if (auth.connectionString) notes.push('a connection string with AccountKey needs none of this: the key opens all')
  const isEntra = (auth.workloadIdentity ?? auth.managedIdentity ?? auth.servicePrincipal) !== undefined
  if (isReplacedWhole(connector)) notes.push(wholeNote(stores, facts))
  if (isEntra) notes.push('new assignments of roles take up to ten minutes')
  if (isEntra && stores.some(({ spec }) => spec.bucket?.create)) {
    notes.push(
      'spec.bucket.create needs a role on the whole storage account: once the container is there, remove create, and run this again for narrower roles',
    )
  }
  if (stores.length === 0) notes.push(`no store that you may read uses the connector of ${of.kind} "${of.name}"`)
  return notes
}

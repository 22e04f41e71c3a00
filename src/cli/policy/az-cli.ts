/** Pure: roles, federated credentials and SAS tokens as commands of the Azure CLI. */
import type { Assignment } from '../../providers/azure/needs/roles.ts'
import { hole, lineOf } from './holes.ts'
import type { AzureSheet, FederatedCredential } from './sheet.ts'
import { type Step, step } from './shell-commands.ts'

export function azCliSteps({ accountName, entra, sas }: AzureSheet): Step[] {
  if (sas) return [{ words: `Make a SAS token ${sas.why}. What it prints is secret.`, line: sasLine(accountName, sas) }]
  if (!entra) return []
  const { clientId, federated, assignments } = entra
  return [
    ...(federated
      ? [
          step('Trust the ServiceAccount, for a client that is a managed identity.', ofManagedIdentity(federated)),
          { words: `For a client that is an application instead: ${lineOf(ofApplication(clientId, federated))}` },
        ]
      : []),
    ...assignments.map(assignedStep),
  ]
}

export const ofManagedIdentity = ({ name, issuer, subject, audience }: FederatedCredential): string[] => [
  ...['az', 'identity', 'federated-credential', 'create', `--name=${name}`],
  ...[`--identity-name=${hole('IDENTITY_NAME')}`, `--resource-group=${hole('RESOURCE_GROUP')}`],
  ...[`--issuer=${issuer}`, `--subject=${subject}`, `--audiences=${audience}`],
]

export const ofApplication = (clientId: string, { name, issuer, subject, audience }: FederatedCredential): string[] => [
  ...['az', 'ad', 'app', 'federated-credential', 'create', `--id=${clientId}`],
  ...['--parameters', JSON.stringify({ name, issuer, subject, audiences: [audience] })],
]

/** Of a container, or of the whole storage account. */
export const scopeOf = (account: string, { container }: Pick<Assignment, 'container'>): string =>
  container === undefined ? account : `${account}/blobServices/default/containers/${container}`

export function assignedStep(assignment: Assignment): Step {
  const { role, container, because } = assignment
  const where = container === undefined ? 'the storage account' : `container ${container}`
  return step(`${role} on ${where}: ${because}.`, [
    ...['az', 'role', 'assignment', 'create', `--assignee-object-id=${hole('PRINCIPAL_ID')}`],
    ...['--assignee-principal-type=ServicePrincipal', `--role=${role}`],
    `--scope=${scopeOf(hole('STORAGE_ACCOUNT_ID'), assignment)}`,
  ])
}

/** Prints the token and nothing else. */
export function sasLine(accountName: string, { letters, container }: NonNullable<AzureSheet['sas']>): string {
  const what =
    container === undefined
      ? ['account', 'generate-sas', `--account-name=${accountName}`, '--services=b', '--resource-types=co']
      : ['container', 'generate-sas', `--account-name=${accountName}`, `--name=${container}`]
  const how = [`--permissions=${letters}`, `--expiry=${hole('SAS_EXPIRY')}`, '--https-only', '--output=tsv']
  return lineOf(['az', 'storage', ...what, ...how])
}

/** Pure: cures at the cloud, as commands of its own tool, from the same policies that `policy` prints. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { Grant } from '../../providers/s3/needs/grants.ts'
import { addAudience, awsCliSteps, updateTrust } from '../policy/aws-cli.ts'
import { assignedStep, ofApplication, ofManagedIdentity, sasLine } from '../policy/az-cli.ts'
import type { ClusterFacts } from '../policy/facts.ts'
import { lineOf, shownHoles } from '../policy/holes.ts'
import { mcSteps } from '../policy/mc.ts'
import { namesOf } from '../policy/notes.ts'
import { isReplacedWhole } from '../policy/peers.ts'
import type { AzureSheet, S3Sheet } from '../policy/sheet.ts'
import { sheetOf } from '../policy/sheets.ts'
import { readyCommand, readySteps, type Step } from '../policy/shell-commands.ts'
import { kubectl, type Shell } from '../text/kubectl.ts'
import { UnwritableWord, type Word, withVariables } from '../text/shell.ts'
import { filledBy, namedIn } from './credential-cures.ts'
import { type Cure, outside } from './finding.ts'

export interface CloudCase {
  connector: ServiceConnector
  /** The store that is not well; absent where the connector itself is not. */
  store?: ArtifactStore
  /** All stores of the connector that are known. */
  stores: readonly ArtifactStore[]
  facts: ClusterFacts
  reason: string
  message: string
  shell: Shell
}

/** Reasons of which a cure may be at the cloud, and made from policies. */
export const CLOUD_REASONS: ReadonlySet<string> = new Set([
  ...['PermissionDenied', 'PermissionUnknown', 'IssueRefused', 'RoleNotTrusted', 'RoleNotFound', 'IssuerNotTrusted'],
  ...['AudienceNotTrusted', 'FederatedCredentialMismatch', 'SasInsufficient', 'CredentialsExpired'],
  ...['BucketNotFound', 'BucketNameTaken'],
])

/** None where nothing is known that could be printed. */
export function cloudCures(given: CloudCase): Cure[] {
  if (!CLOUD_REASONS.has(given.reason)) return []
  try {
    const sheet = sheetOf(given, given.shell)
    if (!sheet) return []
    return sheet.cloud === 'Azure' ? azureCures(given, sheet) : s3Cures(given, sheet)
  } catch (error) {
    if (!(error instanceof UnwritableWord)) throw error
    // What one tenant has written must not keep the others from being looked at.
    return [outside(`correct the connector first: it has a value that no command can have: ${error.message}`)]
  }
}

type OfKind<K extends Grant['kind']> = Grant & { kind: K }

const grantsIn = <K extends Grant['kind']>({ grants }: S3Sheet, kind: K): OfKind<K>[] =>
  grants.filter((grant): grant is OfKind<K> => grant.kind === kind)

function s3Cures(given: CloudCase, sheet: S3Sheet): Cure[] {
  switch (given.reason) {
    case 'IssuerNotTrusted':
      return sheet.cloud === 'AWS' ? grantsIn(sheet, 'issuer').map(issuer => issuerCure(issuer, sheet)) : []
    case 'AudienceNotTrusted':
      return sheet.cloud === 'AWS' ? grantsIn(sheet, 'issuer').map(issuer => audienceCure(issuer, sheet)) : []
    case 'RoleNotTrusted':
    case 'RoleNotFound':
      return sheet.cloud === 'AWS' ? trustCures(given, sheet) : []
    case 'IssueRefused':
      return rightsCures(given, sheet)
    default:
      return isAboutRights(given) ? rightsCures(given, sheet) : []
  }
}

/** Whether allowing something could be the cure: other things are wrong that no policy mends. */
const isAboutRights = ({ reason, message }: CloudCase): boolean =>
  reason.startsWith('Permission') || /\bs3:[A-Za-z]{1,64}/.test(message)

function rightsCures(given: CloudCase, sheet: S3Sheet): Cure[] {
  if (sheet.cloud === 'S3') return [mcCure(given, sheet)]
  const identities = grantsIn(sheet, 'identity')
  const last = identities.at(-1)
  if (!last) return []
  // A key of another account must let the identity in, too.
  const keys = /\bkms:/.test(given.message) ? grantsIn(sheet, 'key').filter(({ isNeeded }) => isNeeded) : []
  const where = `account ${shownHoles(last.holder.account)}`
  return [
    atCloud(
      `allow ${last.holder.kind} "${shownHoles(last.holder.name)}" of ${where} what ${wordsOf(given)} needs, by a policy of its own, unless something else denies it`,
      sheet,
      awsCliSteps([...identities.filter(({ holder }) => holder.arn === last.holder.arn), ...keys]),
    ),
    ...bucketCure(given),
  ]
}

/** Whose account a bucket is of, the cluster does not know. */
function bucketCure({ store, shell, reason }: CloudCase): Cure[] {
  if (!store || !reason.startsWith('Permission')) return []
  const { namespace = '', name } = store.metadata
  const words: Word[] = ['policy', `store/${name}`, '-n', namespace]
  const account: Word = { before: '--bucket-account=', variable: BUCKET_ACCOUNT }
  const command = kubectl(shell, [...words, account, '-o', 'aws-cli'], ['artifactstore'])
  return [
    {
      ...{
        place: 'outside',
        words: 'where the bucket is of another account, let the identity in there, too, by what this prints',
      },
      ...{ commands: [withVariables([BUCKET_ACCOUNT], command)], needs: [BUCKET_ACCOUNT] },
    },
  ]
}

const BUCKET_ACCOUNT = 'BUCKET_ACCOUNT'

const wordsOf = ({ store }: CloudCase): string => (store ? 'the store' : 'its stores')

/** At MinIO, a role has one policy for all: the sheet has what all stores need. */
function mcCure(given: CloudCase, sheet: S3Sheet): Cure {
  const isWeb = isReplacedWhole(given.connector)
  const words = isWeb
    ? `at MinIO, give the policy of the role what all stores need that use it and that you may see (${namesOf(sheet.of.stores)}); it replaces the policy, for all who take the role`
    : `at MinIO, allow the user what ${wordsOf(given)} needs, by a policy of its own`
  return atCloud(words, sheet, mcSteps(sheet.grants))
}

const issuerCure = (issuer: OfKind<'issuer'>, sheet: S3Sheet): Cure =>
  atCloud(`trust the issuer of the cluster in account ${shownHoles(issuer.account)}`, sheet, awsCliSteps([issuer]))

const audienceCure = (issuer: OfKind<'issuer'>, sheet: S3Sheet): Cure =>
  atCloud(`let the IAM OIDC provider take the audience "${issuer.audience}"`, sheet, [addAudience(issuer)])

/** Of a role that AWS refuses, nobody is told whether it is there. */
function trustCures({ message }: CloudCase, sheet: S3Sheet): Cure[] {
  const [, step] = /^spec\.aws\.assumeRoles\[(\d{1,2})\]/.exec(message) ?? []
  const trusts = grantsIn(sheet, 'trust')
  const isWeb = grantsIn(sheet, 'issuer').length > 0
  const at = step === undefined ? 0 : Number(step) + (isWeb ? 1 : 0)
  const trust = trusts[at]
  if (!trust) return []
  const { holder } = trust
  const identities = grantsIn(sheet, 'identity')
  const own = identities.filter(identity => identity.holder.arn === holder.arn)
  // Whoever assumes a role needs the right to do so.
  const before = step === undefined ? [] : identities.filter(identity => isBefore(identity, holder.arn))
  const role = `role "${shownHoles(holder.name)}" of account ${shownHoles(holder.account)}`
  return [
    atCloud(
      `let ${role} trust who becomes it. This replaces its trust policy: where others become it, too, add the statement to it instead`,
      sheet,
      [updateTrust(trust), ...awsCliSteps(before)],
    ),
    atCloud(`create ${role}, where it is not there yet`, sheet, awsCliSteps([trust, ...own, ...before])),
  ]
}

const isBefore = ({ statements }: OfKind<'identity'>, arn: string): boolean =>
  statements.some(({ statement }) => statement.Resource === arn)

function azureCures(given: CloudCase, sheet: AzureSheet): Cure[] {
  const { entra, sas, accountName } = sheet
  if (given.reason === 'FederatedCredentialMismatch') {
    if (!entra?.federated) return []
    return [
      atCloud('trust the ServiceAccount, where the client is a managed identity', sheet, [
        line(ofManagedIdentity(entra.federated)),
      ]),
      atCloud('trust the ServiceAccount, where the client is an application', sheet, [
        line(ofApplication(entra.clientId, entra.federated)),
      ]),
    ]
  }
  if (sas && ['SasInsufficient', 'CredentialsExpired', 'PermissionDenied'].includes(given.reason)) {
    const renewed = sasCure(given, sheet, sasLine(accountName, sas))
    return renewed ? [renewed] : []
  }
  if (!entra || !given.reason.startsWith('Permission')) return []
  const words = `assign client ${shownHoles(entra.clientId)} the roles that ${wordsOf(given)} needs; it takes up to ten minutes`
  return [
    atCloud(
      words,
      sheet,
      entra.assignments.map(assigned => assignedStep(assigned)),
    ),
  ]
}

/** Makes a token, and writes it into the Secret without showing it. */
function sasCure(given: CloudCase, sheet: AzureSheet, line: string): Cure | undefined {
  const named = namedIn(given.connector, '')
  const filled = named && filledBy(given.connector.metadata.namespace ?? '', named, given.shell)
  if (filled?.variables.length !== 1 || given.connector.spec.azure?.auth.connectionString) return undefined
  const { command, needs } = readyCommand(line, sheet.unknowns)
  const [variable = ''] = filled.variables
  const [fill, made] = splitFill(command)
  return {
    place: 'outside',
    words: `make a SAS token that has what its stores need (${namesOf(sheet.of.stores)}), and write it into the Secret`,
    commands: [`${fill}${variable}="$(${made})" && ${filled.command}`],
    needs,
  }
}

/** A command begins with what fills its variables, which a sub-shell would keep for itself. */
function splitFill(command: string): [string, string] {
  const at = command.startsWith(': ') ? command.indexOf(' && ') + 4 : 0
  return [command.slice(0, at), command.slice(at)]
}

const line = (words: readonly string[]): Step => ({ words: '', line: lineOf(words) })

function atCloud(words: string, { unknowns }: S3Sheet | AzureSheet, steps: readonly Step[]): Cure {
  const ready = readySteps(steps, unknowns)
  return {
    ...{ place: 'outside', words },
    commands: ready.map(({ command }) => command),
    needs: [...new Set(ready.flatMap(({ needs }) => needs))],
  }
}

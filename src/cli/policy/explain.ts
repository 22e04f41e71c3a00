/** Pure: policies as text for people: each thing to set up, why, and what each action is for. */
import type { Grant } from '../../providers/s3/needs/grants.ts'
import type { Explained } from '../../providers/s3/needs/statements.ts'
import { azCliSteps } from './az-cli.ts'
import { policyLines } from './documents.ts'
import { shownHoles, type Unknown, unknownsIn, withVariables } from './holes.ts'
import type { AzureSheet, S3Sheet, Sheet } from './sheet.ts'

export interface Section {
  title: string
  /** Sentences, which may be wrapped. */
  words: string[]
  /** Lines as they are: documents and commands. */
  lines: string[]
}

export function explained(sheet: Sheet): Section[] {
  const sections = sheet.cloud === 'Azure' ? azureSections(sheet) : sheet.grants.map(grant => sectionOf(grant, sheet))
  const found = unknownsIn(
    sections.map(({ title, words, lines }) => [title, ...words, ...lines].join(' ')).join(' '),
    sheet.unknowns,
  )
  return [
    ...sections.map(({ title, words, lines }) => ({
      title: shownHoles(title),
      words: words.map(shownHoles),
      lines: lines.map(shownHoles),
    })),
    ...(found.length > 0 ? [{ title: 'To be filled in', words: found.map(unknownWords), lines: [] }] : []),
    ...(sheet.notes.length > 0 ? [{ title: 'To know', words: sheet.notes, lines: [] }] : []),
  ]
}

const unknownWords = ({ name, how, command }: Unknown): string =>
  shownHoles(`<${name}>: ${how}${command === undefined ? '' : `: ${withVariables(command)}`}`)

function sectionOf(grant: Grant, { cloud }: S3Sheet): Section {
  switch (grant.kind) {
    case 'issuer': {
      const words = [`issuer ${grant.issuer}`, `audience ${grant.audience}`, `subject ${grant.subject}`]
      const title =
        cloud === 'AWS' ? `IAM OIDC provider of account ${grant.account}` : 'Trust of the service in the cluster'
      return { title, words, lines: cloud === 'AWS' ? [grant.arn] : [] }
    }
    case 'trust':
      return { title: `Trust policy of role ${grant.holder.arn}`, ...statementsOf(grant.statements) }
    case 'identity':
      return {
        title: grant.isManaged
          ? `Managed policy ${grant.name}, attached to ${grant.holder.kind} ${grant.holder.arn}`
          : `Policy of ${grant.holder.kind} ${grant.holder.arn}`,
        ...statementsOf(grant.statements),
      }
    case 'bucket':
      return {
        title: `Bucket policy of ${grant.bucket} in account ${grant.account}, for ${grant.principal}`,
        ...statementsOf(grant.statements),
      }
    case 'key': {
      const { words, lines } = statementsOf(grant.statements)
      const when = grant.isNeeded
        ? 'Needed, as the key is of another account.'
        : 'Needed only where the policy of the key does not let policies of IAM decide, which it does by default.'
      return { title: `KMS key policy of ${grant.key}, for ${grant.principal}`, words: [when, ...words], lines }
    }
  }
}

const statementsOf = (statements: readonly Explained[]): Pick<Section, 'words' | 'lines'> => ({
  words: statements.flatMap(({ statement, because }) =>
    statement.Action.map((action, at) => `${action}: ${because[at] ?? ''}`),
  ),
  lines: policyLines(statements),
})

function azureSections(sheet: AzureSheet): Section[] {
  const { accountName, entra, sas } = sheet
  if (sas) {
    return [
      {
        title: `SAS token for storage account ${accountName}`,
        words: [`permissions (sp) ${sas.letters}: a token ${sas.why}`],
        lines: azCliSteps(sheet).flatMap(({ line }) => line ?? []),
      },
    ]
  }
  if (!entra) return []
  const { clientId, federated, assignments } = entra
  return [
    ...(federated
      ? [
          {
            title: `Federated credential of client ${clientId}`,
            words: ['issuer, subject and audience must be the same to the letter'],
            lines: [federated.issuer, federated.subject, federated.audience],
          },
        ]
      : []),
    ...assignments.map(({ role, container, permissions, because }) => ({
      title: `Role "${role}" for client ${clientId}`,
      words: [because, ...permissions.map(permission => `has ${permission}`)],
      lines: [
        container === undefined
          ? `on storage account ${accountName}`
          : `on container ${container} of storage account ${accountName}`,
      ],
    })),
  ]
}

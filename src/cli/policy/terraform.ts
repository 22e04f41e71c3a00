/**
 * Pure: policies in Terraform's JSON syntax, for a file `*.tf.json`: every JSON library writes and reads it, and only two
 * sequences mean something within its strings.
 */
import type { Grant, Holder } from '../../providers/s3/needs/grants.ts'
import type { Explained } from '../../providers/s3/needs/statements.ts'
import { scopeOf } from './az-cli.ts'
import { policyText } from './documents.ts'
import { hole, piecesOf, shownHoles, type Unknown } from './holes.ts'
import type { AzureSheet, S3Sheet, Sheet } from './sheet.ts'

/** What a resource has: texts may have holes. */
type Body = Record<string, string | string[]>

interface Resource {
  type: string
  name: string
  body: Body
  /** Account of AWS that it is of. */
  account?: string
}

/** The file as data. */
export function terraformOf(sheet: Sheet): object {
  const resources = sheet.cloud === 'Azure' ? ofAzure(sheet) : ofS3(sheet)
  const texts = resources.flatMap(({ body }) => Object.values(body).flat())
  const names = piecesOf(texts.join(' ')).flatMap(piece => ('hole' in piece ? piece.hole : []))
  const unknowns = sheet.unknowns.filter(({ name }) => names.includes(name))
  const accounts = [...new Set(resources.flatMap(({ account }) => account ?? []))]
  const variables = unknowns.map(unknown => [variableOf(unknown.name), variable(unknown)])
  const { of, notes } = sheet
  return {
    '//': [`${of.kind} ${of.namespace}/${of.name}`, ...notes].map(text => shownHoles(text)),
    ...(accounts.length > 1 ? { terraform: aliases(accounts) } : {}),
    ...(variables.length > 0 ? { variable: Object.fromEntries(variables) } : {}),
    resource: byType(resources, accounts),
  }
}

/** Where there are several accounts, whoever uses the module says which provider is which. */
const aliases = (accounts: readonly string[]) => ({
  required_providers: {
    aws: { source: 'hashicorp/aws', configuration_aliases: accounts.map(account => `aws.${aliasOf(account)}`) },
  },
})

const aliasOf = (account: string): string => `account_${shownHoles(account).replace(/[^A-Za-z0-9]/g, '_')}`

function byType(resources: readonly Resource[], accounts: readonly string[]): object {
  const groups = Map.groupBy(resources, ({ type }) => type)
  return Object.fromEntries(
    [...groups].map(([type, group]) => [
      type,
      Object.fromEntries(
        group.map(({ name, body, account }) => {
          const provider = accounts.length > 1 && account !== undefined ? { provider: `aws.${aliasOf(account)}` } : {}
          return [name, { ...provider, ...templated(body) }]
        }),
      ),
    ]),
  )
}

const templated = (body: Body): object =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, Array.isArray(value) ? value.map(template) : template(value)]),
  )

const variableOf = (name: string): string => name.toLowerCase()

const variable = ({ how, command }: Unknown) => ({
  type: 'string',
  description: shownHoles(command === undefined ? how : `${how}: ${command}`),
})

/** A hole is a variable, or an attribute of another resource. */
const referenceOf = (name: string): string => (name.includes('.') ? name : `var.${variableOf(name)}`)

/** A string in which only holes are evaluated. */
const template = (text: string): string =>
  piecesOf(text)
    .map(piece =>
      'hole' in piece ? `\${${referenceOf(piece.hole)}}` : piece.text.replace(/[$%](?=\{)/g, sign => sign + sign),
    )
    .join('')

function ofS3({ grants }: S3Sheet): Resource[] {
  const roles = [...new Set(grants.flatMap(grant => (grant.kind === 'trust' ? grant.holder.arn : [])))]
  return grants.flatMap((grant, at) => resourceOf(grant, at, roles) ?? [])
}

/** `roles`: ARNs of those that are made here. */
function resourceOf(grant: Grant, at: number, roles: readonly string[]): Resource | undefined {
  switch (grant.kind) {
    case 'issuer':
      return {
        ...{ type: 'aws_iam_openid_connect_provider', name: 'cluster', account: grant.account },
        body: { url: grant.issuer, client_id_list: [grant.audience] },
      }
    case 'trust':
      return roleOf(grant.holder, grant.statements, `role_${roles.indexOf(grant.holder.arn) + 1}`)
    case 'identity':
      return policyOf(grant, roles)
    case 'bucket':
      return {
        ...{ type: 'aws_s3_bucket_policy', name: `bucket_${at + 1}`, account: grant.account },
        body: {
          '//': 'replaces the policy that the bucket has: merge the statements where it has one',
          ...{ bucket: grant.bucket, policy: policyText(grant.statements) },
        },
      }
    case 'key':
      return grant.isNeeded ? keyGrantOf(grant, `key_${at + 1}`) : undefined
  }
}

const roleOf = ({ name, path, account }: Holder, statements: readonly Explained[], resource: string): Resource => ({
  ...{ type: 'aws_iam_role', name: resource, account },
  body: { name, path, assume_role_policy: policyText(statements) },
})

/** Refers to the role that is made here, so that Terraform makes it before. */
function policyOf({ holder, name, statements }: Grant & { kind: 'identity' }, roles: readonly string[]): Resource {
  const { kind, account } = holder
  const made = roles.indexOf(holder.arn) + 1
  return {
    ...{ type: `aws_iam_${kind}_policy`, name: made > 0 ? `role_${made}` : kind, account },
    body: {
      name,
      [kind]: made > 0 ? hole(`aws_iam_role.role_${made}.name`) : holder.name,
      policy: policyText(statements),
    },
  }
}

function keyGrantOf({ key, account, principal, statements }: Grant & { kind: 'key' }, name: string): Resource {
  const operations = statements.flatMap(({ statement }) => statement.Action.map(action => action.replace('kms:', '')))
  return {
    ...{ type: 'aws_kms_grant', name, account },
    body: { key_id: key, grantee_principal: principal, operations: [...new Set(operations)] },
  }
}

function ofAzure({ entra }: AzureSheet): Resource[] {
  if (!entra) return []
  const { federated, assignments } = entra
  return [
    ...(federated
      ? [
          {
            ...{ type: 'azurerm_federated_identity_credential', name: 'service_account' },
            body: {
              ...{ name: federated.name, parent_id: hole('IDENTITY_ID'), resource_group_name: hole('RESOURCE_GROUP') },
              ...{ issuer: federated.issuer, subject: federated.subject, audience: [federated.audience] },
            },
          },
        ]
      : []),
    ...assignments.map((assignment, at) => ({
      ...{ type: 'azurerm_role_assignment', name: `role_${at + 1}` },
      body: {
        ...{ '//': assignment.because, scope: scopeOf(hole('STORAGE_ACCOUNT_ID'), assignment) },
        ...{ role_definition_name: assignment.role, principal_id: hole('PRINCIPAL_ID') },
        principal_type: 'ServicePrincipal',
      },
    })),
  ]
}

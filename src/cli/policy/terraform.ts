/**
 * Pure: policies in Terraform's JSON syntax, for a file `*.tf.json`: every JSON library writes and reads it, and only two
 * sequences mean something within its strings.
 */
import { piecesOf, shownHoles, type Unknown } from './holes.ts'
import type { Sheet } from './sheet.ts'
import { ofGrants } from './terraform-aws.ts'
import { ofAzure } from './terraform-azure.ts'
import type { Block, Variable } from './terraform-blocks.ts'

/** The file as data. */
export function terraformOf(sheet: Sheet): object {
  const { blocks, locals, variables: own } = sheet.cloud === 'Azure' ? ofAzure(sheet) : ofGrants(sheet)
  const texts = [...blocks.flatMap(({ body }) => Object.values(body).flat()), ...Object.values(locals)]
  const names = piecesOf(texts.join(' ')).flatMap(piece => ('hole' in piece ? piece.hole : []))
  const unknowns = sheet.unknowns.filter(({ name }) => names.includes(name))
  const accounts = [...new Set(blocks.flatMap(({ account }) => account ?? []))]
  const variables = {
    ...Object.fromEntries(unknowns.map(unknown => [variableOf(unknown.name), variable(unknown)])),
    ...Object.fromEntries(Object.entries(own).map(([name, one]) => [name, described(one)])),
  }
  const [resources, data] = (['resource', 'data'] as const).map(kind =>
    byType(
      blocks.filter(({ block }) => block === kind),
      accounts,
    ),
  )
  const { of, notes } = sheet
  return {
    '//': [`${of.kind} ${of.namespace}/${of.name}`, ...notes, ...(blocks.length === 0 ? [NOTHING] : [])].map(
      shownHoles,
    ),
    ...(accounts.length > 1 ? { terraform: aliases(accounts) } : {}),
    ...optional('variable', variables),
    ...optional('locals', templated(locals)),
    ...optional('data', data ?? {}),
    ...optional('resource', resources ?? {}),
  }
}

const NOTHING = 'there is nothing here that Terraform makes: see "policy" without -o'

const optional = (name: string, value: object): object => (Object.keys(value).length > 0 ? { [name]: value } : {})

/** Where there are several accounts, whoever uses the module says which provider is which. */
const aliases = (accounts: readonly string[]) => ({
  required_providers: {
    aws: { source: 'hashicorp/aws', configuration_aliases: accounts.map(account => `aws.${aliasOf(account)}`) },
  },
})

const aliasOf = (account: string): string => `account_${shownHoles(account).replace(/[^A-Za-z0-9]/g, '_')}`

function byType(blocks: readonly Block[], accounts: readonly string[]): object {
  const groups = Map.groupBy(blocks, ({ type }) => type)
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

const templated = (body: Block['body']): object =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, Array.isArray(value) ? value.map(template) : template(value)]),
  )

const variableOf = (name: string): string => name.toLowerCase()

const variable = ({ how, command }: Unknown): Variable =>
  described({ type: 'string', description: command === undefined ? how : `${how}: ${command}` })

const described = (variable: Variable): Variable => ({ ...variable, description: shownHoles(variable.description) })

/** A hole is a variable, or an expression about other blocks. */
const referenceOf = (name: string): string => (name.includes('.') ? name : `var.${variableOf(name)}`)

/** A string in which only holes are evaluated. */
const template = (text: string): string =>
  piecesOf(text)
    .map(piece =>
      'hole' in piece ? `\${${referenceOf(piece.hole)}}` : piece.text.replace(/[$%](?=\{)/g, sign => sign + sign),
    )
    .join('')

/** Pure: cures of the Secrets, ConfigMaps and ServiceAccounts that a connector names. */
import { createHash } from 'node:crypto'
import { DEFAULT_ACCESS_KEY_KEYS } from '../../api/aws-connector.ts'
import { DEFAULT_AZURE_KEYS } from '../../api/azure-connector.ts'
import type { CaBundle } from '../../api/fields.ts'
import { CREDENTIALS_LABEL } from '../../api/names.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../../kube/resource.ts'
import { kubectl, type Shell } from '../text/kubectl.ts'
import { commandLine, type Word, withVariables } from '../text/shell.ts'
import { type Change, commandOf } from './changes.ts'
import type { Cure } from './finding.ts'

/** A key of a Secret, and the variable that holds its value where people have it: those of the clouds' own tools. */
interface Key {
  key: string
  variable: string
}

/** The object that a connector names, and of which status speaks. */
export interface Named {
  kind: 'Secret' | 'ConfigMap'
  name: string
  keys: Key[]
  /** Key of a session token, which a long-term key has none of. */
  tokenKey?: string
  /** Whether it holds certificates. */
  isCa?: boolean
}

/** The Secret of `auth`; undefined where it needs none. */
function authSecretOf({ spec: { aws, azure } }: ServiceConnector): Named | undefined {
  if (aws?.auth.accessKey) {
    const { secretName: name, ...given } = aws.auth.accessKey
    const { accessKeyIdKey, secretAccessKeyKey, sessionTokenKey } = { ...DEFAULT_ACCESS_KEY_KEYS, ...given }
    return {
      kind: 'Secret',
      name,
      keys: [
        { key: accessKeyIdKey, variable: 'AWS_ACCESS_KEY_ID' },
        { key: secretAccessKeyKey, variable: 'AWS_SECRET_ACCESS_KEY' },
      ],
      tokenKey: sessionTokenKey,
    }
  }
  const { servicePrincipal, accountKey, sasToken, connectionString } = azure?.auth ?? {}
  const given = servicePrincipal ?? accountKey ?? sasToken ?? connectionString
  if (!given) return undefined
  const names = { ...DEFAULT_AZURE_KEYS, ...given }
  const keys = servicePrincipal
    ? [
        { key: names.clientIdKey, variable: 'AZURE_CLIENT_ID' },
        { key: names.clientSecretKey, variable: 'AZURE_CLIENT_SECRET' },
        { key: names.tenantIdKey, variable: 'AZURE_TENANT_ID' },
      ]
    : accountKey
      ? [{ key: names.accountKeyKey, variable: 'AZURE_STORAGE_KEY' }]
      : sasToken
        ? [{ key: names.sasTokenKey, variable: 'AZURE_STORAGE_SAS_TOKEN' }]
        : [{ key: names.connectionStringKey, variable: 'AZURE_STORAGE_CONNECTION_STRING' }]
  return { kind: 'Secret', name: given.secretName, keys }
}

function caOf(bundle: CaBundle | undefined): Named | undefined {
  const { configMapKeyRef, secretKeyRef } = bundle ?? {}
  const reference = configMapKeyRef ?? secretKeyRef
  if (!reference) return undefined
  const { name, key = 'ca.crt' } = reference
  return { kind: configMapKeyRef ? 'ConfigMap' : 'Secret', name, keys: [{ key, variable: '' }], isCa: true }
}

/** The object of which a message of a connector's status speaks, by the field that it begins with. */
export function namedIn(connector: ServiceConnector, message: string): Named | undefined {
  const { aws, azure } = connector.spec
  return /^spec\.(aws|azure)\.caBundle\b/.test(message) ? caOf((aws ?? azure)?.caBundle) : authSecretOf(connector)
}

const resourceOf = ({ kind }: Named) => (kind === 'Secret' ? SECRETS : CONFIG_MAPS)

export function labelled(namespace: string, named: Named, shell: Shell): Cure {
  const change: Change = {
    ...{ kind: 'label', resource: resourceOf(named), namespace, name: named.name },
    values: { [CREDENTIALS_LABEL]: 'true' },
  }
  return {
    place: 'cluster',
    words: `let all connectors of namespace "${namespace}" use the ${named.kind}, if its owner wants that`,
    commands: [commandOf(change, shell)],
    needs: [],
  }
}

/** Keys that kubectl takes from the lines of a file; others must be given in another way. */
const LINE_KEY = /^[A-Za-z_.-][A-Za-z0-9_.-]{0,252}$/

/**
 * Who writes these keys. An apply takes away what the same manager has written before and does not write again: a key that
 * another cure has written, or that another connector reads of the same Secret.
 */
function managerOf(keys: readonly Key[]): string {
  const name = `doctor-${keys.map(({ key }) => key).join('-')}`
  if (name.length <= MANAGER_MAX) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, MANAGER_MAX - hash.length - 1)}-${hash}`
}

/** The longest name that the API server takes. */
const MANAGER_MAX = 128

/**
 * Makes the object, or writes the keys into the one that is there and keeps its others. Values come from the environment by a
 * pipe, so that they are on no command line, which other users of the machine could read.
 */
export function filled(namespace: string, named: Named, shell: Shell, only?: string): Cure | undefined {
  const chosen = named.keys.filter(({ key }) => key === only)
  const keys = chosen.length > 0 ? chosen : named.keys
  if (!named.isCa && keys.some(({ key }) => !LINE_KEY.test(key))) return undefined
  const { kind, name, isCa } = named
  const from: Word = isCa ? `--from-file=${keys[0]?.key}=ca.crt` : '--from-env-file=/dev/stdin'
  const type = kind === 'Secret' ? ['secret', 'generic'] : ['configmap']
  const made = kubectl(shell, ['create', ...type, name, '-n', namespace, from, '--dry-run=client', '-o', 'yaml'])
  const pipe = [
    made,
    kubectl(shell, ['label', '--local', '-f', '-', `${CREDENTIALS_LABEL}=true`, '-o', 'yaml']),
    kubectl(shell, ['apply', '--server-side', '--force-conflicts', `--field-manager=${managerOf(keys)}`, '-f', '-']),
  ].join(' | ')
  if (isCa) {
    const words = `write the certificates of the file ca.crt into the ${kind}`
    return { place: 'cluster', words, commands: [pipe], needs: ['file ca.crt with PEM certificates of CAs'] }
  }
  const variables = keys.map(({ variable }) => variable)
  const lines = commandLine([
    'printf',
    '%s\\n',
    ...keys.map(({ key, variable }): Word => ({ before: `${key}=`, variable })),
  ])
  return {
    place: 'cluster',
    words: `write the values of ${variables.join(', ')} into the Secret`,
    commands: [withVariables(variables, `${lines} | ${pipe}`)],
    needs: variables,
  }
}

/** The command that does it, and the variables that it reads, where another command gives them their values. */
export function filledBy(
  namespace: string,
  named: Named,
  shell: Shell,
): { command: string; variables: string[] } | undefined {
  const { commands: [command] = [], needs: variables } = filled(namespace, named, shell) ?? {}
  return command === undefined || variables === undefined ? undefined : { command, variables }
}

/** The same with a working key: a session token of the one before would be used with it. */
export function renewed(namespace: string, named: Named, shell: Shell): Cure | undefined {
  const cure = filled(namespace, named, shell)
  if (!cure || named.tokenKey === undefined) return cure
  const change: Change = {
    ...{ kind: 'merge', resource: SECRETS, namespace, name: named.name },
    patch: { data: { [named.tokenKey]: null } },
  }
  return { ...cure, commands: [...cure.commands, commandOf(change, shell)] }
}

/** Name of the ServiceAccount that a connector acts as. */
export const accountOf = ({ spec: { aws, azure } }: ServiceConnector): string | undefined =>
  (aws?.auth.webIdentity ?? azure?.auth.workloadIdentity)?.serviceAccountName

export function account(namespace: string, name: string, shell: Shell): Cure {
  const change: Change = { kind: 'create', resource: SERVICE_ACCOUNTS, namespace, name }
  return {
    place: 'cluster',
    words: 'create the ServiceAccount',
    commands: [commandOf(change, shell)],
    needs: [],
  }
}

/** An annotation of the ServiceAccount from the environment. */
export function annotated(
  namespace: string,
  name: string,
  { annotation, variable }: { annotation: string; variable: string },
  shell: Shell,
): Cure {
  const words: Word[] = ['annotate', 'serviceaccount', name, '-n', namespace, '--overwrite']
  return {
    place: 'cluster',
    words: `annotate the ServiceAccount with the value of ${variable}`,
    commands: [withVariables([variable], kubectl(shell, [...words, { before: `${annotation}=`, variable }]))],
    needs: [variable],
  }
}

/** Pure: reads the objects that a connector names from the caches, all in the connector's own namespace. */
import { type Failure, stalled } from '../api/failures.ts'
import { CREDENTIALS_LABEL } from '../api/names.ts'
import { BOUNDS } from '../foreign/bounds.ts'
import { bytesOf, cut } from '../foreign/text.ts'
import type { KeyReference, References, Resolved } from '../providers/provider.ts'
import type { ConnectorView, ReferencedAccount } from './view.ts'

/** A failure that names an object which the caches lack: it may be absent, without the label, or not come in yet. */
export interface MissingReference extends Failure {
  missing: {
    kind: KeyReference['kind'] | 'ServiceAccount'
    namespace: string
    name: string
    field: string
    /** Keys of the object that the connector names. */
    keys?: string[]
    /** The object is there, and only its values were not read yet. */
    unread?: boolean
  }
}

export const isMissing = (failure: Failure): failure is MissingReference => 'missing' in failure

export function resolve(
  connector: Resolved['connector'],
  references: References,
  view: ConnectorView,
): Resolved | Failure {
  const loan = references.operatorIdentity && view.operatorIdentity(connector.namespace)
  if (references.operatorIdentity && !loan) return notLent(connector.namespace, references.operatorIdentity.field)
  const values = new Map<string, string | undefined>()
  for (const reference of references.keys) {
    const value = readKey(connector.namespace, reference, view)
    if (typeof value === 'object') return isMissing(value) ? withKeys(value, references) : value
    values.set(valueKey(reference), value)
  }
  const resolved: Resolved = {
    connector,
    value: reference => values.get(valueKey(reference)),
    ...(loan ? { operatorIdentity: loan } : {}),
  }
  if (!references.serviceAccount) return resolved

  const account = readAccount(connector.namespace, references.serviceAccount, view)
  if ('kind' in account) return account
  const { audience } = references.serviceAccount
  resolved.serviceAccount = {
    name: account.name,
    annotations: account.annotations ?? {},
    token: signal => view.token(account, audience, signal),
    refused: token => view.tokenRefused(token),
  }
  return resolved
}

const valueKey = (reference: Pick<KeyReference, 'kind' | 'name' | 'key'>): string =>
  `${reference.kind}/${reference.name}/${reference.key}`

/** Judges by the connector's namespace, not by those of its stores: its owner lends on what an administrator lent. */
const notLent = (namespace: string, field: string): Failure =>
  stalled(
    'ImplicitAuthNotAllowed',
    `${field}: connectors of namespace "${namespace}" may not use the operator's own identity: have an administrator start the operator with --allow-implicit-auth=true and --implicit-auth-namespaces=...,${namespace}, or authenticate as a ServiceAccount (auth.webIdentity, auth.workloadIdentity)`,
  )

/** With all keys of the object, so that it is read once for all of them. */
const withKeys = (failure: MissingReference, { keys }: References): MissingReference => {
  const { kind, name } = failure.missing
  const named = keys.filter(reference => reference.kind === kind && reference.name === name)
  return { ...failure, missing: { ...failure.missing, keys: named.map(({ key }) => key) } }
}

function readKey(namespace: string, reference: KeyReference, view: ConnectorView): string | undefined | Failure {
  const { kind, name, key, field } = reference
  const found = view.keyValues(kind, namespace, name)
  if (!found || found.asked?.has(key) === false) {
    return missing(
      { kind, namespace, name, field, unread: found !== undefined },
      `there is no ${kind} "${name}" with the label ${CREDENTIALS_LABEL}=true in namespace "${namespace}"`,
    )
  }
  const large = found.tooLarge?.[key]
  if (large !== undefined) return tooLarge(namespace, reference, large)
  const value = Object.hasOwn(found.values, key) ? found.values[key] : undefined
  if (value) return tooLarge(namespace, reference, bytesOf(value)) ?? value
  if (value === undefined && reference.optional) return undefined
  const keys = cut(namesOf(found.names ?? Object.keys(found.values)), BOUNDS.message)
  return value === undefined
    ? stalled(
        `${kind}KeyMissing`,
        `${field}: ${kind} "${namespace}/${name}" has no key "${key}" (it has: ${keys}): add the key, or name the right one in the connector`,
      )
    : stalled(`${kind}KeyEmpty`, `${field}: key "${key}" of ${kind} "${namespace}/${name}" is empty: fill it in`)
}

/** How many keys of a Secret a message names: who may see a connector need not know all that is in there. */
const NAMED_KEYS = 5

function namesOf(keys: string[]): string {
  const named = keys.toSorted().slice(0, NAMED_KEYS)
  const others = keys.length - named.length
  return named.length === 0 ? 'none' : `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}

/** Refuses a value before anything searches or parses it. */
function tooLarge(namespace: string, reference: KeyReference, bytes: number): Failure | undefined {
  const { kind, name, key, field, bytesMax = BOUNDS.keyValue } = reference
  if (bytes <= bytesMax) return undefined
  const what = `key "${key}" of ${kind} "${namespace}/${name}" has ${bytes} bytes, and ${bytesMax} is the most`
  return stalled(`${kind}KeyTooLarge`, `${field}: ${what}: store nothing in it but what the field is for`)
}

function readAccount(
  namespace: string,
  reference: NonNullable<References['serviceAccount']>,
  view: ConnectorView,
): ReferencedAccount | Failure {
  const { name, audience, field } = reference
  if (!view.allowedAudiences.includes(audience)) {
    return stalled(
      'AudienceNotAllowed',
      `${field}: the operator may not request tokens for the audience "${audience}" (allowed: ${view.allowedAudiences.join(', ')}): use one of these, or have an administrator add it to --allowed-audiences`,
    )
  }
  return (
    view.serviceAccount(namespace, name) ??
    missing(
      { kind: 'ServiceAccount', namespace, name, field },
      `there is no ServiceAccount "${name}" in namespace "${namespace}": create it, or name another`,
    )
  )
}

function missing(what: MissingReference['missing'], why: string): MissingReference {
  const { kind, field } = what
  return { ...stalled(`${kind}NotFound`, `${field}: ${why}`), missing: what }
}

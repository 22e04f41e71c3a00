/** What the API server's refusals mean to a person: the right that is missing, and who can give it how. */
import { ApiError, isUnauthorized, isUnserved, TransportError } from '../../kube/errors.ts'
import type { Resource } from '../../kube/resource.ts'
import { type CommandFailure, noAccess } from '../frame/failures.ts'
import { harmless } from '../text/harmless.ts'

/** What a call needs to be allowed. */
export interface Right {
  verb: 'get' | 'list' | 'watch' | 'patch' | 'create'
  resource: Pick<Resource, 'apiVersion' | 'plural' | 'namespaced'>
  /** Undefined: in all namespaces. */
  namespace: string | undefined
  /** The object, where the right is asked for this one only. */
  name?: string
}

/** `list artifactstores.artifactstore.dev in namespace "ml"`. */
export function wordsOf({ verb, resource, namespace, name }: Right): string {
  const group = resource.apiVersion.includes('/') ? `.${resource.apiVersion.split('/')[0]}` : ''
  const where = resource.namespaced ? (namespace ? ` in namespace "${namespace}"` : ' in all namespaces') : ''
  return `${verb} ${resource.plural}${group}${name ? ` "${name}"` : ''}${where}`
}

/** ClusterRoles of the operator that have the right; undefined where none of them does. */
function roleOf({ verb, resource }: Right): string | undefined {
  if (!['artifactstores', 'serviceconnectors'].includes(resource.plural)) return undefined
  return verb === 'patch' ? 'artifact-store-editor' : 'artifact-store-viewer'
}

/** A command for somebody who may give the right; empty where nobody is known to give it to. */
function commandFor(right: Right, words: string): string {
  const [, user = ''] = /User "([\w.:@/-]{1,256})"/.exec(words) ?? []
  if (user === '') return ''
  const [, namespace, name] = /^system:serviceaccount:([^:]{1,253}):([^:]{1,253})$/.exec(user) ?? []
  const subject = name ? `--serviceaccount=${namespace}:${name}` : `--user=${user}`
  const person = (name ?? user).toLowerCase().replace(/[^a-z0-9-]/g, '-')
  const role = roleOf(right)
  if (role) return `: ${binding(right, `${role}-${person}`, `--clusterrole=${role} ${subject}`)}`
  return right.name && right.namespace ? `: ${roleAndBinding(right, person, subject)}` : ''
}

const binding = ({ namespace }: Right, name: string, rest: string): string =>
  `kubectl create ${namespace ? `rolebinding ${name} -n ${namespace}` : `clusterrolebinding ${name}`} ${rest}`

/** A Role for one object, as no role of the operator's has the right. */
function roleAndBinding(right: Right, person: string, subject: string): string {
  const { verb, resource, namespace, name } = right
  const role = `${name}-${verb}-${person}`
  const made = `kubectl create role ${role} -n ${namespace} --verb=${verb} --resource=${resource.plural} --resource-name=${name}`
  return `${made} && ${binding(right, role, `--role=${role} ${subject}`)}`
}

const ASK = 'ask an administrator for that right'

/** The cure of a 403: the right that is missing, and the command that gives it. */
export const missingRight = (right: Right, error: unknown): string =>
  `${ASK}${commandFor(right, error instanceof ApiError ? error.words : '')}`

/** A failed call as a person needs it; undefined for errors that are no answer of the cluster, or say something else. */
export function accessFailure(error: unknown, right: Right, where: string): CommandFailure | undefined {
  const failure = unanswered(error, where)
  if (failure || !(error instanceof ApiError)) return failure
  if (error.code === 403) return noAccess(`you may not ${wordsOf(right)}: ${where}`, missingRight(right, error))
  if (error.code === 404 && (right.verb === 'list' || isUnserved(error))) {
    return noAccess(
      `the API server knows no ${right.resource.plural}: ${where}`,
      "install the operator's CRDs, or choose another cluster with --context",
    )
  }
  return undefined
}

/** The same for a call whose refusals nobody has thought of. Errors that are no answer of the cluster stay as they are. */
export function unexpectedFailure(error: unknown, where: string): unknown {
  const failure = unanswered(error, where)
  if (failure || !(error instanceof ApiError)) return failure ?? error
  const cure = error.code === 403 ? ASK : 'run the command again, or look at the API server'
  return noAccess(`the API server of ${where} answers ${error.code}: ${error.words || error.message}`, cure, error)
}

function unanswered(error: unknown, where: string): CommandFailure | undefined {
  if (error instanceof TransportError) {
    return noAccess(
      `no answer from the API server of ${where}: ${harmless(error.message)}`,
      'check the kubeconfig, your login and the network',
      error,
    )
  }
  return isUnauthorized(error) ? noAccess(`the API server does not know you: ${where}`, 'log in again') : undefined
}

/** Pure: what a Deployment says of the operator that it runs. */
import { OPERATOR, RECIPIENT_LABEL } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Operator } from './installation.ts'

interface Deployment extends KubeObject {
  spec?: {
    replicas?: number
    template?: {
      spec?: {
        serviceAccountName?: string
        containers?: { name?: string; args?: string[]; env?: { name?: string; value?: string }[] }[]
      }
    }
  }
  status?: { availableReplicas?: number }
}

export interface RunBy extends Operator {
  /** Name of its ServiceAccount. */
  account: string
}

export function operatorOf(object: KubeObject): RunBy {
  const { metadata, spec, status } = object as Deployment
  const pod = spec?.template?.spec
  const container = pod?.containers?.find(({ name }) => name === 'operator') ?? pod?.containers?.[0]
  const flags = container?.args ?? []
  const variables = container?.env ?? []
  const given = (flag: string, variable?: string) =>
    flags.findLast(arg => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3) ??
    variables.find(({ name }) => name !== undefined && name === variable)?.value
  const watched = given('watch-namespaces', 'WATCH_NAMESPACES')
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    account: pod?.serviceAccountName ?? OPERATOR,
    replicas: spec?.replicas ?? 1,
    available: status?.availableReplicas ?? 0,
    elects: given('leader-elect') !== 'false',
    ...(watched ? { watched: watched.split(',').map(name => name.trim()) } : {}),
    recipientLabels: labelsOf(given('recipient-labels') ?? `${RECIPIENT_LABEL}=true`),
  }
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(',').flatMap(pair => {
      const [key = '', value = ''] = pair.trim().split('=', 2)
      return key === '' ? [] : [[key, value] as const]
    }),
  )

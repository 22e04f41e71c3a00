/** Pure: what the operator's ServiceAccount must be allowed: deploy/operator-role.yaml, which a test holds against this. */

interface Rule {
  group: string
  /** With its subresource, as RBAC has it. */
  resource: string
  verbs: readonly string[]
  /** Only the object of this name. */
  name?: string
  /** Where: Default: in all namespaces, or each that the operator watches. */
  where?: 'own' | 'cluster'
  /** Some installations give it in another way. */
  isOptional?: boolean
}

const GROUP = 'artifactstore.dev'
const LEASES = { group: 'coordination.k8s.io', resource: 'leases', where: 'own' } as const

export const RULES: readonly Rule[] = [
  { group: GROUP, resource: 'serviceconnectors', verbs: ['list', 'watch'] },
  { group: GROUP, resource: 'artifactstores', verbs: ['list', 'watch', 'get', 'patch'] },
  { group: GROUP, resource: 'serviceconnectors/status', verbs: ['patch', 'update'] },
  { group: GROUP, resource: 'artifactstores/status', verbs: ['patch', 'update'] },
  { group: '', resource: 'secrets', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'watch'] },
  { group: '', resource: 'serviceaccounts', verbs: ['get', 'list', 'watch'] },
  { group: '', resource: 'namespaces', verbs: ['list', 'watch'], where: 'cluster' },
  { group: 'events.k8s.io', resource: 'events', verbs: ['create'] },
  // components/listed-service-accounts gives it for each ServiceAccount by name.
  { group: '', resource: 'serviceaccounts/token', verbs: ['create'], isOptional: true },
  { ...LEASES, verbs: ['get', 'update'], name: 'artifact-store-operator' },
  { ...LEASES, verbs: ['create'] },
]

/** One question to the API server: `spec.resourceAttributes` of a SubjectAccessReview. */
export interface Asked {
  attributes: {
    group: string
    resource: string
    subresource?: string
    verb: string
    name?: string
    /** Absent: in all namespaces. */
    namespace?: string
  }
  isOptional: boolean
}

/** `own`: the operator's namespace. `watched`: namespaces to which it is limited; undefined: none. */
export function askedOf(own: string, watched: readonly string[] | undefined): Asked[] {
  return RULES.flatMap(({ group, resource: path, verbs, name, where, isOptional = false }) => {
    const [resource = '', subresource] = path.split('/')
    const isLimited = watched !== undefined && where === undefined
    const places = where === 'own' ? [own] : isLimited ? watched : [undefined]
    // An operator that is limited to namespaces does not look at others.
    if (watched !== undefined && where === 'cluster') return []
    return places.flatMap(namespace =>
      verbs.map(verb => ({
        attributes: {
          ...{ group, resource, verb },
          ...(subresource === undefined ? {} : { subresource }),
          ...(name === undefined ? {} : { name }),
          ...(namespace === undefined ? {} : { namespace }),
        },
        isOptional,
      })),
    )
  })
}

/** `patch artifactstores/status.artifactstore.dev in namespace "ml"`. */
export function rightWords({ attributes: { group, resource, subresource, verb, namespace } }: Asked): string {
  const what = `${resource}${subresource ? `/${subresource}` : ''}${group ? `.${group}` : ''}`
  return `${verb} ${what}${namespace === undefined ? '' : ` in namespace "${namespace}"`}`
}

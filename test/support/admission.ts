/** Admission policies that get in the operator's way, on the real API server. */
import { ARTIFACT_STORES, type Resource, SECRETS } from '../../src/kube/resource.ts'
import { until } from './until.ts'
import type { Tenant } from './world.ts'

const resource = (kind: string, plural: string): Resource => ({
  ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind, plural, namespaced: false },
})
const POLICIES = {
  Validating: [
    resource('ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
    resource('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
  ],
  Mutating: [
    resource('MutatingAdmissionPolicy', 'mutatingadmissionpolicies'),
    resource('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'),
  ],
} as const

export interface Policy {
  remove(): Promise<void>
}

/** Marks the Secret of the trial by which a test finds out whether a policy is in force. */
const TRIAL = 'policy-trial'

async function apply(tenant: Tenant, kind: 'Validating' | 'Mutating', spec: object, binding: object): Promise<Policy> {
  const { client } = tenant.world
  const [policies, bindings] = POLICIES[kind]
  const name = `${tenant.name}-${kind.toLowerCase()}`
  const meta = (of: Resource) => ({ apiVersion: of.apiVersion, kind: of.kind, metadata: { name } })
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] }
  await client.create(policies, {
    ...meta(policies),
    spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules: [rule] }, ...spec },
  })
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': tenant.name } }
  await client.create(bindings, {
    ...meta(bindings),
    spec: { policyName: name, matchResources: { namespaceSelector }, ...binding },
  })
  return {
    async remove() {
      await client.delete(bindings, undefined, name)
      await client.delete(policies, undefined, name)
    },
  }
}

/** A trial that is created by a dry run; undefined when it is denied. */
const trial = (tenant: Tenant): Promise<{ data?: Record<string, string> } | undefined> =>
  tenant.world.client
    .create<never>(
      SECRETS,
      { ...{ apiVersion: 'v1', kind: 'Secret' }, metadata: { name: TRIAL, namespace: tenant.name } },
      { dryRun: true },
    )
    .catch(() => undefined)

/** Denies Secrets in the tenant's namespace. Resolves when the API server has taken it up, and so does `remove`. */
export async function deny(tenant: Tenant, message: string, reason: 'Invalid' | 'Forbidden'): Promise<Policy> {
  const spec = { validations: [{ expression: 'false', message, reason }] }
  const policy = await apply(tenant, 'Validating', spec, { validationActions: ['Deny'] })
  const isDenied = (wanted: boolean) => async () => ((await trial(tenant)) === undefined) === wanted
  await until('Secrets are denied', isDenied(true))
  return {
    async remove() {
      await policy.remove()
      await until('Secrets are accepted', isDenied(false))
    },
  }
}

/** Denies the status of stores in the tenant's namespace, of which `store` is one. Resolves as `deny` does. */
export async function denyStatus(tenant: Tenant, store: string, message: string): Promise<Policy> {
  const { apiVersion, plural } = ARTIFACT_STORES
  const [group = '', version = ''] = apiVersion.split('/')
  const rule = { apiGroups: [group], apiVersions: [version], operations: ['UPDATE'], resources: [`${plural}/status`] }
  const spec = {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: 'false', message, reason: 'Forbidden' }],
  }
  const policy = await apply(tenant, 'Validating', spec, { validationActions: ['Deny'] })
  const isDenied = (wanted: boolean) => async () => {
    const change = [{ op: 'add' as const, path: '/status/observedGeneration', value: 0 }]
    const where = { namespace: tenant.name, name: store }
    const written = tenant.world.client.jsonPatch(ARTIFACT_STORES, where, change, {
      ...{ subresource: 'status', dryRun: true },
    })
    return (
      (await written.then(
        () => false,
        () => true,
      )) === wanted
    )
  }
  await until('statuses are denied', isDenied(true))
  return {
    async remove() {
      await policy.remove()
      await until('statuses are accepted', isDenied(false))
    },
  }
}

/** Why a cluster has no policies that change objects; undefined: it has them. */
export async function whyNoMutation({ client }: Pick<Tenant['world'], 'client'>): Promise<string | undefined> {
  const { resources } = (await client.raw('/apis/admissionregistration.k8s.io/v1')) as { resources: { name: string }[] }
  const isThere = resources.some(({ name }) => name === 'mutatingadmissionpolicies')
  return isThere ? undefined : 'this version of Kubernetes has no MutatingAdmissionPolicy'
}

/** Changes Secrets in the tenant's namespace by a CEL expression of JSON patches. Resolves when it is in force. */
export async function mutate(tenant: Tenant, patches: string): Promise<Policy> {
  const isTrial = `object.metadata.name == '${TRIAL}'`
  const mark = `[JSONPatch{op: "add", path: "/data", value: Object.data{mark: b'x'}}]`
  const spec = {
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `${isTrial} ? ${mark} : ${patches}` } }],
  }
  const policy = await apply(tenant, 'Mutating', spec, {})
  const isMarked = (wanted: boolean) => async () => ((await trial(tenant))?.data !== undefined) === wanted
  await until('Secrets are changed', isMarked(true))
  return {
    async remove() {
      await policy.remove()
      await until('Secrets are left alone', isMarked(false))
    },
  }
}

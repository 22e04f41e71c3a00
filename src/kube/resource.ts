/** Pure: the resources that the operator uses, and their paths in the API. */
import { API_VERSION } from '../api/names.ts'

export interface Resource {
  apiVersion: string
  kind: string
  plural: string
  namespaced: boolean
}

export const SECRETS: Resource = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }
export const CONFIG_MAPS: Resource = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
export const SERVICE_ACCOUNTS: Resource = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}
export const NAMESPACES: Resource = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
export const LEASES: Resource = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}
export const EVENTS: Resource = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true }
export const CLUSTER_ROLE_BINDINGS: Resource = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
}
export const SERVICE_CONNECTORS: Resource = {
  apiVersion: API_VERSION,
  kind: 'ServiceConnector',
  plural: 'serviceconnectors',
  namespaced: true,
}
export const ARTIFACT_STORES: Resource = {
  apiVersion: API_VERSION,
  kind: 'ArtifactStore',
  plural: 'artifactstores',
  namespaced: true,
}

/** Path below the server's URL: `/apis/artifactstore.dev/v1alpha1/namespaces/ml/artifactstores/prod/status`. */
export function resourcePath(resource: Resource, namespace?: string, name?: string, subresource?: string): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  const tail = name ? `/${encodeURIComponent(name)}` : ''
  return `${root}${scope}/${resource.plural}${tail}${subresource ? `/${subresource}` : ''}`
}

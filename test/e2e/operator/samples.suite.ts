/** Suite: samples are accepted as they are, and their pods conform to the restricted Pod Security Standard. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import { kubectl } from '../../cluster/kubectl.ts'

const root = join(import.meta.dirname, '../../../deploy/samples')
const CONSUMERS = 'consumers'

/** Arguments of kubectl that only ask whether the API server would accept the objects. */
export const SERVER_DRY_RUN = ['apply', '--server-side', '--force-conflicts', '--dry-run=server']

/** Kinds of consumers, whose types are checked in consumers/samples.test.ts. */
const FOREIGN = [
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'Workflow', scope: 'Namespaced' },
  { group: 'serving.kserve.io', version: 'v1beta1', kind: 'InferenceService', scope: 'Namespaced' },
  { group: 'serving.kserve.io', version: 'v1alpha1', kind: 'ClusterStorageContainer', scope: 'Cluster' },
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application', scope: 'Namespaced' },
  { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository', scope: 'Namespaced' },
  { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization', scope: 'Namespaced' },
]
/** Namespaces of those who apply samples. */
const OF_GITOPS = ['argocd', 'flux-system']

function definition({ group, version, kind, scope }: (typeof FOREIGN)[number]) {
  const singular = kind.toLowerCase()
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.${group}` },
    spec: {
      group,
      scope,
      names: { kind, singular, plural: `${singular}s` },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  }
}

/** `namespace`: the namespace of the samples, which exists. */
export function samples(controlPlane: () => ControlPlane, namespace: string): void {
  describe('samples', () => {
    before(async () => {
      const definitions = { apiVersion: 'v1', kind: 'List', items: FOREIGN.map(definition) }
      await kubectl(controlPlane(), ['apply', '-f', '-'], JSON.stringify(definitions))
      await kubectl(controlPlane(), ['wait', '--for=condition=Established', 'crd', '--all'])
      for (const name of OF_GITOPS) await kubectl(controlPlane(), ['create', 'namespace', name])
      await kubectl(controlPlane(), ['label', 'namespace', namespace, 'pod-security.kubernetes.io/warn=restricted'])
    })

    const consumers = readdirSync(join(root, CONSUMERS)).map(name => join(CONSUMERS, name))
    const others = readdirSync(root).filter(name => name !== CONSUMERS)
    for (const name of [...others, 'argocd/ml', ...consumers]) {
      test(`${name} is accepted`, async () => {
        await kubectl(controlPlane(), [...SERVER_DRY_RUN, '--warnings-as-errors', '-k', join(root, name)])
      })
    }
  })
}

/** `version`: this program beside the operator and the API of the cluster. */
import manifest from '../../../package.json' with { type: 'json' }
import { API_VERSION, GROUP, VERSION } from '../../api/names.ts'
import { ApiError } from '../../kube/errors.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { operatorDeployments } from '../cluster/operators.ts'
import { guarded } from '../cluster/read.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { report } from '../frame/reports.ts'
import { type OperatorRow, operatorRow, skewOf } from '../overview/versions.ts'
import { harmless } from '../text/harmless.ts'

export async function version({ globals, options, signal }: Invocation): Promise<Answer> {
  const client = { version: manifest.version, api: API_VERSION, node: process.version }
  const own = `kubectl-artifactstore ${client.version} (API ${client.api}, Node ${client.node})`
  if (options['client'] === true) {
    return { lines: () => [own], data: report('Version', { client }), names: [client.version] }
  }
  return onCluster(globals, async cluster => {
    const served = await servedVersions(cluster, signal)
    const { operators, notes } = await readOperators(cluster, signal)
    const skew = skewOf({ client: client.version, spoken: VERSION, served, operators })
    return {
      lines: ({ paint }) => [
        own,
        ...operators.map(({ namespace, name, version, image }) =>
          harmless(`operator ${version ?? 'of an unknown version'} (Deployment ${namespace}/${name}, image ${image})`),
        ),
        served.length > 0
          ? harmless(`API served by the cluster: ${served.join(', ')}`)
          : 'API served by the cluster: none',
        ...skew.map(words => paint(harmless(words), 'unsure')),
      ],
      data: report('Version', { client, api: { served }, operators, skew }),
      names: [client.version, ...operators.map(({ version }) => version ?? '')].filter(Boolean),
      notes,
      isFound: skew.length > 0,
    }
  })
}

/** Versions of the API group; none when its CRDs are not installed. Whoever is logged in may ask. */
async function servedVersions(cluster: Cluster, signal: AbortSignal): Promise<string[]> {
  const right = { verb: 'get' as const, resource: { apiVersion: API_VERSION, plural: 'versions', namespaced: false } }
  return guarded(cluster, { ...right, namespace: undefined }, async () => {
    try {
      const group = (await cluster.client.raw(`/apis/${GROUP}`, { signal })) as { versions?: { version: string }[] }
      return (group.versions ?? []).map(({ version }) => harmless(version))
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return []
      throw error
    }
  })
}

async function readOperators(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ operators: OperatorRow[]; notes: string[] }> {
  const { deployments, note } = await operatorDeployments(cluster, signal)
  if (deployments) return { operators: deployments.map(operatorRow), notes: note ? [note] : [] }
  return { operators: [], notes: [`the operator's version is not known: ${note}`] }
}

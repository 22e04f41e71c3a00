/** `status`: connectors, their stores, and the Secrets of those, with what is wrong below. */
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { onCluster } from '../cluster/connect.ts'
import { find } from '../cluster/find.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { report } from '../frame/reports.ts'
import { isAllWell, type Overview } from '../overview/overview.ts'
import { overviewOf, readObjects, related } from './read-overview.ts'
import { nameOf } from './references.ts'
import { statusLines } from './status-lines.ts'

export async function status({ arguments: [reference], globals, now, progress, signal }: Invocation): Promise<Answer> {
  return onCluster(globals, async cluster => {
    progress(`reading connectors and stores of ${cluster.where}`)
    const objects = reference
      ? await related(cluster, await find(cluster, reference, { signal }), signal)
      : await readObjects(cluster, signal)
    const { overview, notes } = await overviewOf(cluster, objects, signal)
    const moment = now()
    return {
      lines: view => statusLines(overview, { now: moment, where: whereOf(cluster.namespace), view }),
      data: report('Status', overview),
      names: namesOf(overview),
      notes,
      isFound: !isAllWell(overview),
    }
  })
}

const whereOf = (namespace: string | undefined): string =>
  namespace === undefined ? 'in any namespace' : `in namespace "${namespace}"`

const namesOf = ({ connectors, stores }: Overview): string[] => [
  ...connectors.map(({ name }) => nameOf(SERVICE_CONNECTORS, name)),
  ...stores.map(({ name }) => nameOf(ARTIFACT_STORES, name)),
]

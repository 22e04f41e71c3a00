/** `doctor`: what is wrong, in the order to mend it, each with its cure; `--fix` mends what can be mended here. */
import type { ServiceConnector } from '../../api/service-connector.ts'
import { SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { find } from '../cluster/find.ts'
import { ifAllowed, listPages } from '../cluster/read.ts'
import { diagnose } from '../doctor/diagnose.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { shellOf } from '../text/kubectl.ts'
import { timeoutOf } from './await.ts'
import { answerOf } from './diagnosis.ts'
import { withFacts } from './doctor-facts.ts'
import { mend } from './mend.ts'
import { type Objects, readObjects, related } from './read-overview.ts'

export async function doctor(invocation: Invocation): Promise<Answer> {
  const {
    arguments: [reference],
    globals,
    options,
    progress,
    signal,
  } = invocation
  checkOptions(invocation)
  const shell = shellOf(globals)
  if (options['install']) return (await import('./doctor-install.ts')).doctorInstall(invocation, shell)
  return onCluster(globals, async cluster => {
    const read = async (): Promise<Objects> => {
      progress(`reading connectors and stores of ${cluster.where}`)
      const objects = reference ? await readNamed(cluster, reference, signal) : await readObjects(cluster, signal)
      return withFacts(cluster, objects, signal)
    }
    const objects = await read()
    const { fixes, rest } = options['fix']
      ? await mend(cluster, invocation, { objects, read, shell })
      : { fixes: [], rest: objects }
    const where = cluster.namespace === undefined ? 'in any namespace' : `in namespace "${cluster.namespace}"`
    const seen = `${counted(rest.connectors.length, 'connector')} and ${counted(rest.stores.length, 'store')}`
    const well = reference ? 'Nothing is wrong.' : `Nothing is wrong with ${seen} ${where}.`
    return answerOf(diagnose(rest, shell), { well, notes: rest.notes, fixes })
  })
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function checkOptions(invocation: Invocation): void {
  const { arguments: positional, options, ask } = invocation
  const { fix, install, yes } = options
  timeoutOf(invocation)
  if (install && (fix || positional.length > 0)) {
    throw usageFailure('--install looks at the installation only', 'give it alone, and run doctor again without it')
  }
  if (yes && !fix) throw usageFailure('--yes answers the questions of --fix', 'give --fix, too')
  if (fix && !yes && !ask) throw usageFailure('--fix asks on a terminal, and there is none', 'give --yes')
}

/** What belongs to one object, and the connectors beside it, of which a store may need another. */
async function readNamed(
  cluster: Cluster,
  reference: string,
  signal: AbortSignal,
): Promise<Objects & { others: ServiceConnector[] }> {
  const found = await find(cluster, reference, { signal })
  const namespace = cluster.ownNamespace
  const [objects, { value: others = [] }] = await Promise.all([
    related(cluster, found, signal),
    ifAllowed({ verb: 'list', resource: SERVICE_CONNECTORS, namespace }, () =>
      listPages<ServiceConnector>(cluster, SERVICE_CONNECTORS, namespace, { signal }),
    ),
  ])
  return { ...objects, others }
}

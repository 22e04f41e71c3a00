/** The connection to the cluster, as the person who runs the command. */
import type { Access } from '../../kube/access.ts'
import type { Client } from '../../kube/client.ts'
import { createClient } from '../../kube/kube-client.ts'
import { loadAccess } from '../../kube/load-access.ts'
import { createTransport } from '../../kube/transport.ts'
import type { GlobalOptions } from '../frame/command.ts'
import { noAccess, usageFailure } from '../frame/failures.ts'
import { unexpectedFailure } from './rights.ts'

export interface Cluster {
  client: Client
  /** The namespace that the command is about; undefined with `-A`. */
  namespace: string | undefined
  /** The namespace for objects that are named without one. */
  ownNamespace: string
  /** Name of the kubeconfig's context. */
  context: string
  /** What the cluster is called in messages: `context "prod"`. */
  where: string
  /** How far this machine's clock is ahead of the API server's, in ms; undefined before its first answer. */
  aheadMs(): number | undefined
  close(): Promise<void>
}

/** What audit logs and managed fields call the program. */
const PROGRAM = 'kubectl-artifactstore'

/** As the API server takes it: RFC 1123. */
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Works with a cluster, and closes the connections in the end. Fails when there is no kubeconfig that can be used. */
export async function onCluster<T>(globals: GlobalOptions, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await connect(globals)
  try {
    return await work(cluster)
  } catch (error) {
    throw unexpectedFailure(error, cluster.where)
  } finally {
    await cluster.close()
  }
}

/** Does not call the API server. */
async function connect({ kubeconfig, context, namespace, allNamespaces }: GlobalOptions): Promise<Cluster> {
  if (namespace && allNamespaces) throw usageFailure('-n and -A exclude each other', 'give one of them')
  if (namespace && !NAMESPACE.test(namespace))
    throw usageFailure(`-n "${namespace}" can't be the name of a namespace`, 'use small letters, digits and -')
  const access = await accessOf({ ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) })
  let aheadMs: number | undefined
  const transport = createTransport({
    ...{ access, connections: 8, userAgent: PROGRAM },
    onResponse({ serverMs }) {
      // The API server tells whole seconds: half of one is the least wrong.
      if (serverMs !== undefined) aheadMs = Date.now() - (serverMs + 500)
    },
  })
  // As kubectl has it: a script whose variable is empty means the context's.
  const own = namespace || access.namespace
  return {
    client: createClient(transport, { fieldManager: PROGRAM }),
    namespace: allNamespaces ? undefined : own,
    ownNamespace: own,
    context: access.context,
    where: `context "${access.context}"`,
    aheadMs: () => aheadMs,
    close: () => transport.close(),
  }
}

async function accessOf(options: { kubeconfig?: string; context?: string }): Promise<Access> {
  try {
    return await loadAccess({ ...options, likeKubectl: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const file = options.kubeconfig ? `: ${options.kubeconfig}` : ''
    const what = code === 'ENOENT' ? `kubeconfig${file} is not there` : `kubeconfig${file}: ${message}`
    throw noAccess(
      code === undefined ? message : what,
      'give one with --kubeconfig or $KUBECONFIG, and choose a context with --context',
    )
  }
}

/** What the suites of the page's server share. */
import { SERVICE_ACCOUNTS } from '../../../src/kube/resource.ts'
import type { StoreItem } from '../../../src/ui/contract.ts'
import { type ApiProxy, startApiProxy } from '../../cluster/api-proxy.ts'
import { writeTokenKubeconfig } from '../../cluster/kubeconfig.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { CommandLine } from '../../support/command-line.ts'
import { type Mirror, UiProcess } from '../../support/ui-process.ts'
import { type Tenant, World } from '../../support/world.ts'

export const NAME = 'ui-team'
export const OTHER = 'ui-other'

/** Two namespaces, and the page of a person who may edit one of them and list its Secrets. */
export interface Stage {
  world: World
  cli: CommandLine
  proxy: ApiProxy
  tenant: Tenant
  editor: UiProcess
  /** Of the editor. */
  kubeconfig: string
  /** What the editor's page has. */
  mirror: Mirror
  /** What was asked of the API server about Secrets through the proxy: path, and the form of the answer. */
  asked: { url: string; accept: string }[]
}

/** `parts`: ends what was started. */
export async function startStage(parts: AsyncDisposableStack): Promise<Stage> {
  const world = await World.start()
  parts.defer(() => world.stop())
  const cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
  parts.defer(() => cli.remove())
  await world.startOperator()
  const [tenant, other] = [await world.tenant(NAME), await world.tenant(OTHER)]
  for (const one of [tenant, other]) await one.connector('minio')
  await tenant.store('models', { displayName: 'Models' })
  await other.store('theirs')
  await tenant.storeReady('models')
  await other.storeReady('theirs')
  const proxy = await startApiProxy(world.controlPlane)
  parts.defer(() => proxy.close())
  const asked: Stage['asked'] = []
  proxy.at = (moment, { url = '', headers }) => {
    if (moment === 'before' && url.includes('/secrets')) asked.push({ url, accept: String(headers.accept) })
  }
  for (const role of ['secret-lister --resource=secrets', 'event-lister --resource=events'])
    await kubectl(world.controlPlane, `create clusterrole ${role} --verb=list,watch,get,patch`.split(' '))
  const stage = { world, cli, proxy, tenant, asked }
  const roles = ['artifact-store-viewer', 'artifact-store-editor', 'secret-lister', 'event-lister']
  const kubeconfig = await person(stage, 'editor', { [NAME]: roles })
  const editor = await UiProcess.start(cli, `-n ${NAME}`, kubeconfig)
  parts.defer(async () => void (await editor.stop()))
  return { ...stage, editor, kubeconfig, mirror: await editor.follow() }
}

/** A kubeconfig of a new ServiceAccount of the team, with roles by namespace; behind the proxy. */
export async function person(
  { world, tenant, proxy }: Pick<Stage, 'world' | 'tenant' | 'proxy'>,
  name: string,
  roles: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  await tenant.create(SERVICE_ACCOUNTS, name, {})
  for (const [namespace, names] of Object.entries(roles)) {
    for (const role of names) {
      const binding = `create rolebinding ${name}-${role} -n ${namespace} --clusterrole=${role}`
      await kubectl(world.controlPlane, `${binding} --serviceaccount=${NAME}:${name}`.split(' '))
    }
  }
  const { token } = await world.client.createToken(NAME, name, { audiences: [], expirationSeconds: 3600 })
  return writeTokenKubeconfig(world.controlPlane.dir, proxy, name, token)
}

/** A store of the team, as a page has it. */
export const storeOf = (mirror: Mirror, name: string): StoreItem | undefined => mirror.stores.get(`${NAME}/${name}`)

/** A real Kubernetes control plane on this machine: etcd, kube-apiserver and a few controllers. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificateAuthority, createServiceAccountKeys, type KeyAndCertificate } from './certificates.ts'
import { useExistingCluster } from './existing-cluster.ts'
import { type Caller, createCaller } from './https.ts'
import { writeKubeconfig, writeTokenKubeconfig } from './kubeconfig.ts'
import { kubectl } from './kubectl.ts'
import { freePort, Service, Workspace } from './processes.ts'
import { type Command, type ControlPlaneBinaries, controlPlaneBinaries } from './tools.ts'

export interface ControlPlane {
  readonly server: string
  /** The issuer in ServiceAccount tokens; its discovery documents are open to everyone. */
  readonly issuer: string
  readonly caPem: string
  /** The path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  readonly adminCertificate: string
  readonly adminKey: string
  readonly dir: string
  readonly kubectl: Command
  /** False for an existing cluster: its API server can't be stopped, and `stop()` does nothing to it. */
  readonly managed: boolean
  /** False when no kube-controller-manager runs: then garbage is not collected and namespaces are not deleted. */
  readonly controllers: boolean
  /** Sends and receives JSON as the administrator. */
  readonly request: Caller['request']
  /** Writes a kubeconfig that reads this token from a file; returns its path. */
  writeKubeconfigForToken(name: string, token: string): string
  stopApiserver(): Promise<void>
  /** Starts it again with the same port and data; resolves when it is ready. */
  startApiserver(): Promise<void>
  /** Where etcd's gateway takes JSON, as in `POST /v3/maintenance/status`. Empty for an existing cluster. */
  readonly etcdUrl: string
  /** The folder of etcd's data. Empty for an existing cluster. */
  readonly etcdData: string
  /** Kills etcd, which keeps its data. */
  stopEtcd(): Promise<void>
  startEtcd(): Promise<void>
  /** Makes `stop()` keep the directory of logs and print its path. */
  keepLogs(): void
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  /**
   * Files of CRDs, which are applied before the controllers start: the garbage collector looks for kinds that were added
   * later only every 30 seconds.
   */
  readonly crds?: readonly string[]
  /** Whether the controllers run. Default: true. */
  readonly controllers?: boolean
  /** Flags of kube-controller-manager, in addition to the usual ones or instead of them. */
  readonly controllerFlags?: readonly string[]
  /** Controllers that run beside those that all tests need, such as `deployment`. */
  readonly moreControllers?: readonly string[]
  /** Flags of kube-apiserver, in addition to the usual ones or instead of them. */
  readonly apiserverFlags?: readonly string[]
  /** The same for etcd. */
  readonly etcdFlags?: readonly string[]
  /** Called when the API server serves and the controllers are still starting. The start waits for its promise. */
  readonly whenServing?: (controlPlane: ControlPlane) => Promise<unknown>
}

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  if (process.env['USE_EXISTING_CLUSTER'] === 'true') {
    const existing = await useExistingCluster()
    await applyCrds(existing, options.crds)
    await options.whenServing?.(existing)
    return existing
  }
  const binaries = await controlPlaneBinaries()
  const workspace = await Workspace.create('cluster')
  const services: Service[] = []
  try {
    return await start(binaries, workspace, services, options)
  } catch (error) {
    await Promise.all(services.map(service => service.kill()))
    await workspace.remove()
    throw error
  }
}

async function start(
  binaries: ControlPlaneBinaries,
  workspace: Workspace,
  services: Service[],
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { dir, logs } = workspace
  const run = (name: string, command: Command, flags: readonly string[]) => {
    const service = new Service(name, command, flags, { logs })
    services.push(service)
    return service
  }

  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const etcdData = join(dir, 'etcd')
  const ofEtcd = [...etcdFlags(etcdData, etcdUrl, `http://127.0.0.1:${peerPort}`), ...(options.etcdFlags ?? [])]
  let etcd = run('etcd', binaries.etcd, ofEtcd)
  const [admin, caPem] = await writeCredentials(dir)
  const etcdHealthy = () => etcd.until('being healthy', async () => (await fetch(`${etcdUrl}/health`)).ok)
  await etcdHealthy()

  async function startEtcd(): Promise<void> {
    etcd = run('etcd', binaries.etcd, ofEtcd)
    await etcdHealthy()
  }

  const server = `https://127.0.0.1:${port}`
  const kubeconfig = writeKubeconfig(join(dir, 'kubeconfig'), { server, caPem }, admin)
  const caller = createCaller(server, { ca: caPem, cert: admin.certPem, key: admin.keyPem })
  let apiserver: Service | undefined

  async function startApiserver(): Promise<void> {
    if (apiserver) return
    const flags = [...apiserverFlags(dir, port, etcdUrl), ...(options.apiserverFlags ?? [])]
    const service = run('kube-apiserver', binaries.apiserver, flags)
    apiserver = service
    await service.until('being ready', async () => (await caller.request('GET', '/readyz')).status === 200)
  }

  async function stopApiserver(): Promise<void> {
    await apiserver?.kill()
    apiserver = undefined
  }

  async function stop(): Promise<void> {
    caller.close()
    await Promise.all(services.map(service => service.kill()))
    await workspace.remove()
  }

  const controllers = options.controllers !== false && binaries.controllerManager !== undefined
  const controlPlane: ControlPlane = {
    ...{ server, issuer: server, caPem, kubeconfig, dir, kubectl: binaries.kubectl, managed: true, controllers },
    adminCertificate: admin.certPem,
    adminKey: admin.keyPem,
    request: caller.request,
    writeKubeconfigForToken: (name, token) => writeTokenKubeconfig(dir, { server, caPem }, name, token),
    ...{ startApiserver, stopApiserver, etcdUrl, etcdData, startEtcd, stopEtcd: () => etcd.kill() },
    keepLogs: () => workspace.keepLogs(),
    stop,
  }

  await startApiserver()
  await openIssuerDiscovery(controlPlane)
  // allSettled waits for both: when one fails, the other is not left starting without an owner.
  const results = await Promise.allSettled([options.whenServing?.(controlPlane), startControllers()])
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return controlPlane

  async function startControllers(): Promise<void> {
    await applyCrds(controlPlane, options.crds)
    if (!controllers || !binaries.controllerManager) return
    const usual = controllerFlags(dir, kubeconfig, options.moreControllers)
    const manager = run('kube-controller-manager', binaries.controllerManager, [
      ...usual,
      ...(options.controllerFlags ?? []),
    ])
    // These two are the last things that a namespace gets: when the default one has them, the controllers run.
    for (const path of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
      const made = async () => (await caller.request('GET', `/api/v1/namespaces/default/${path}`)).status === 200
      await manager.until(`making ${path}`, made)
    }
  }
}

async function applyCrds(controlPlane: ControlPlane, crds: readonly string[] = []): Promise<void> {
  if (crds.length === 0) return
  const files = crds.flatMap(path => ['-f', path])
  const applied = await kubectl(controlPlane, ['apply', '--server-side', '--output=name', ...files])
  const established = ['--for=condition=Established', '--timeout=60s', ...applied.trim().split('\n')]
  await kubectl(controlPlane, ['wait', ...established])
}

/** Opens the keys of the issuer to everyone, as EKS does: those who verify a token read them without credentials. */
async function openIssuerDiscovery({ request }: ControlPlane): Promise<void> {
  const answer = await request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'test-issuer-discovery' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:service-account-issuer-discovery',
    },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
  })
  if (answer.status !== 201) throw new Error(`opening issuer discovery: ${answer.status} ${answer.text}`)
}

async function writeCredentials(dir: string): Promise<[admin: KeyAndCertificate, caPem: string]> {
  const [authority, serviceAccounts] = await Promise.all([
    createCertificateAuthority('test cluster'),
    createServiceAccountKeys(),
  ])
  const [server, admin] = await Promise.all([
    authority.issueServer('kube-apiserver'),
    authority.issueClient('admin', ['system:masters']),
  ])
  const files = {
    'ca.crt': authority.certPem,
    'server.crt': server.certPem,
    'server.key': server.keyPem,
    'sa.key': serviceAccounts.privatePem,
    'sa.pub': serviceAccounts.publicPem,
  }
  await Promise.all(Object.entries(files).map(([name, pem]) => writeFile(join(dir, name), pem, { mode: 0o600 })))
  return [admin, authority.certPem]
}

function etcdFlags(data: string, url: string, peerUrl: string): string[] {
  return [
    `--data-dir=${data}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

function apiserverFlags(dir: string, port: number, etcdUrl: string): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    `--tls-cert-file=${join(dir, 'server.crt')}`,
    `--tls-private-key-file=${join(dir, 'server.key')}`,
    `--client-ca-file=${join(dir, 'ca.crt')}`,
    `--service-account-key-file=${join(dir, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(dir, 'sa.key')}`,
    `--service-account-issuer=https://127.0.0.1:${port}`,
    '--authorization-mode=RBAC',
    // The plugin is not needed: no kubelet mounts tokens here, and Pods needn't wait for their ServiceAccount.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    '--allow-privileged',
  ]
}

function controllerFlags(dir: string, kubeconfig: string, more: readonly string[] = []): string[] {
  const controllers = ['garbage-collector', 'namespace', 'serviceaccount', 'root-ca-certificate-publisher', ...more]
  return [
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${controllers.map(name => `${name}-controller`).join(',')}`,
    `--service-account-private-key-file=${join(dir, 'sa.key')}`,
    `--root-ca-file=${join(dir, 'ca.crt')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
    // Tests wait for deletions, which the default rate limit of this client would delay.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ]
}

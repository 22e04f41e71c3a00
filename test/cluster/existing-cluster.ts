/** The cluster of KUBECONFIG for USE_EXISTING_CLUSTER=true, which is neither started nor stopped here. */
import type { ControlPlane } from './control-plane.ts'
import { createCaller } from './https.ts'
import { readKubeconfig, writeTokenKubeconfig } from './kubeconfig.ts'
import { Workspace } from './processes.ts'
import { kubectlBinary } from './tools.ts'

export async function useExistingCluster(): Promise<ControlPlane> {
  const kubeconfig = process.env['KUBECONFIG']
  if (!kubeconfig) throw new Error('USE_EXISTING_CLUSTER=true needs KUBECONFIG, the path of a kubeconfig file')
  const { server, caPem, certPem, keyPem } = readKubeconfig(kubeconfig)
  if (!certPem) throw new Error(`${kubeconfig}: the tests need a user with a client certificate`)
  const workspace = await Workspace.create('cluster')
  const caller = createCaller(server, { ca: caPem, cert: certPem, key: keyPem })
  const discovery = await caller.request('GET', '/.well-known/openid-configuration')
  const refuse = () => Promise.reject(new Error('an existing cluster is not stopped or started by tests'))
  return {
    server,
    issuer: discovery.json?.issuer ?? server,
    caPem,
    kubeconfig,
    adminCertificate: certPem,
    adminKey: keyPem,
    dir: workspace.dir,
    kubectl: await kubectlBinary(),
    managed: false,
    controllers: true,
    request: caller.request,
    writeKubeconfigForToken: (name, token) => writeTokenKubeconfig(workspace.dir, { server, caPem }, name, token),
    ...{
      stopApiserver: refuse,
      startApiserver: refuse,
      etcdUrl: '',
      etcdData: '',
      stopEtcd: refuse,
      startEtcd: refuse,
    },
    keepLogs: () => workspace.keepLogs(),
    async stop() {
      caller.close()
      await workspace.remove()
    },
  }
}

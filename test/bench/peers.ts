/** External Secrets and Flux under the same load as this operator, both tuned: with their defaults they wait, mostly. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isReady } from '../../src/api/kstatus.ts'
import type { Resource } from '../../src/kube/resource.ts'
import { type GoModule, goBuildModule } from '../cluster/go-module.ts'
import { type PeerOptions, startPeer } from '../cluster/peer.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'
import type { Figures } from './figures.ts'
import type { Kind } from './load.ts'
import { BENCH, measureKind } from './measure.ts'
import type { WithConditions } from './ready-watch.ts'

interface Peer {
  name: string
  /** How many work, and what they do for an object. */
  work: string
  module: GoModule
  /** Files of the CRDs that it looks for, in the folder of the module that is kept. */
  crds: readonly string[]
  resource: Resource
  flags: PeerOptions['flags']
  /** Creates what each object refers to. Returns what the objects specify. */
  prepare(tenant: Tenant): Promise<Kind['specOf']>
}

const namespaced = (apiVersion: string, kind: string): Resource => ({
  ...{ apiVersion, kind, namespaced: true },
  plural: `${kind.toLowerCase()}s`,
})

const SECRET_STORES = namespaced('external-secrets.io/v1', 'SecretStore')

/** Each object has one token of a Secret copied into a Secret of its own. */
const EXTERNAL_SECRETS: Peer = {
  name: 'External Secrets',
  work: '50 workers (copies a token, no call of a bucket)',
  module: {
    name: 'external-secrets',
    module: 'github.com/external-secrets/external-secrets@v0.16.2',
    program: 'external-secrets',
    main: '.',
    duration: 'about 10 minutes',
    kept: 'config/crds/bases',
  },
  crds: [
    'external-secrets.io_externalsecrets',
    'external-secrets.io_secretstores',
    'generators.external-secrets.io_generatorstates',
  ],
  resource: namespaced('external-secrets.io/v1', 'ExternalSecret'),
  flags: () => [
    ...['--concurrent=50', '--client-qps=1000', '--client-burst=1000', '--enable-secrets-caching'],
    // Their CRDs are not there.
    ...['cluster-store', 'cluster-external-secret', 'push-secret', 'cluster-push-secret'].map(
      name => `--enable-${name}-reconciler=false`,
    ),
  ],
  async prepare(tenant) {
    const { client, controlPlane } = tenant.world
    await tenant.secret('source', { token: 'a token' })
    await tenant.secret('access', { kubeconfig: readFileSync(controlPlane.kubeconfig, 'utf8') })
    const kubernetes = { remoteNamespace: tenant.name, authRef: { name: 'access', key: 'kubeconfig' } }
    await tenant.create(SECRET_STORES, 'source', { spec: { provider: { kubernetes } } })
    const read = () => client.get<WithConditions>(SECRET_STORES, tenant.name, 'source')
    await until('the SecretStore is Ready', async () => isReady((await read()).status?.conditions), { last: read })
    const data = [{ secretKey: 'token', remoteRef: { key: 'source', property: 'token' } }]
    return () => ({ secretStoreRef: { name: 'source' }, refreshInterval: '1h', data })
  },
}

/** Each object asks whether the bucket is there and has a .sourceignore, lists a prefix, and packs what is in it: nothing. */
const FLUX: Peer = {
  name: 'Flux source-controller',
  work: '20 workers (3 calls of S3)',
  module: {
    name: 'source-controller',
    // Later ones need Go 1.27, or a version of github.com/fluxcd/pkg/artifact that could not be downloaded.
    module: 'github.com/fluxcd/source-controller@v1.9.3',
    program: 'source-controller',
    main: '.',
    duration: 'about 10 minutes',
    unreplaced: ['github.com/fluxcd/source-controller/api'],
    kept: 'config/crd/bases',
  },
  crds: ['buckets', 'gitrepositories', 'helmcharts', 'helmrepositories', 'ocirepositories'].map(
    plural => `source.toolkit.fluxcd.io_${plural}`,
  ),
  resource: namespaced('source.toolkit.fluxcd.io/v1', 'Bucket'),
  flags: (dir, address) => [
    ...['--concurrent=20', '--kube-api-qps=1000', '--kube-api-burst=1000'],
    ...[`--storage-path=${dir}`, `--storage-addr=${address}`, `--storage-adv-addr=${address}`, '--health-addr=0'],
  ],
  async prepare(tenant) {
    const { minio } = tenant.world
    await tenant.secret('minio', { accesskey: minio.rootUser, secretkey: minio.rootPassword })
    // With a region it need not ask for that of the bucket.
    const common = { bucketName: tenant.name, endpoint: `127.0.0.1:${minio.port}`, region: 'us-east-1', interval: '1h' }
    return (_, name) => ({ ...common, provider: 'generic', secretRef: { name: 'minio' }, prefix: `${name}/` })
  },
}

/** Measures each in a world of its own, with so many objects. Returns rows of the comparison. */
export async function measurePeers(count: number): Promise<[label: string, figures: Figures][]> {
  const rows: [string, Figures][] = []
  for (const peer of [EXTERNAL_SECRETS, FLUX]) {
    const version = peer.module.module.split('@')[1]
    rows.push([`${peer.name} ${version}, ${peer.work}`, await measurePeer(peer, count)])
  }
  return rows
}

async function measurePeer(peer: Peer, count: number): Promise<Figures> {
  const { name, module, resource, flags } = peer
  const command = await goBuildModule(module)
  const crds = peer.crds.map(crd => join(dirname(command), 'kept', `${crd}.yaml`))
  const world = await World.bare({ crds })
  try {
    const tenant = await world.tenant(BENCH)
    await using controller = await startPeer({ command, kind: resource.kind, flags }, world.environment)
    const kind = { resource, specOf: await peer.prepare(tenant) }
    const { figures } = await measureKind(world, controller, { namespace: tenant.name, count, kind })
    if (figures.ready === count) return figures
    throw new Error(
      `${name}: ${figures.ready} of ${count} are Ready; its log ends\n${controller.output().slice(-2_000)}`,
    )
  } finally {
    await world.stop()
  }
}

/** Parts of the rows of the suites for S3, and the world in which all of these are tried at once. */
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { CONFIG_MAPS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { type Moto, startMoto } from '../../cluster/moto.ts'
import { type Key, type MotoAdmin, may } from '../../cluster/moto-admin.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { type Tenant, World } from '../../support/world.ts'
import type { AwsSpec } from '../provider-s3/lab.ts'
import type { BadInput } from './run.ts'
import { type Servers, startServers } from './servers.ts'

export type Row = BadInput<AwsInputWorld>

export interface AwsInputWorld {
  controlPlane: World['controlPlane']
  minio: World['minio']
  tenant: Tenant
  /** Another namespace. */
  elsewhere: Tenant
  operator: OperatorProcess
  moto: Moto
  admin: MotoAdmin
  website: Servers['website']
  misnamed: Servers['misnamed']
  /** Secret values, which must never be seen in status, events or logs. */
  secrets: Set<string>
  /** Creates a Secret whose values must not be seen. */
  secret(name: string, values: Record<string, string>, labelled?: boolean): Promise<void>
  /** Creates a Secret with an access key. */
  keySecret(name: string, key: Key & { sessionToken?: string }): Promise<void>
  /** Creates a user of moto, and the Secret of the user's key. */
  user(name: string, statements: object[]): Promise<Key>
  stop(): Promise<void>
}

/** A connector to AWS with the key in the Secret. */
export const atAws = (
  secretName: string,
  aws: Partial<AwsSpec> = {},
  rest: Partial<ServiceConnectorSpec> = {},
): ServiceConnectorSpec => ({ aws: { auth: { accessKey: { secretName } }, addressingStyle: 'Path', ...aws }, ...rest })

/** A connector to AWS with the identity of a ServiceAccount. */
export const atAwsAs = (serviceAccountName: string, more: object = {}): ServiceConnectorSpec => ({
  aws: { auth: { webIdentity: { serviceAccountName, ...more } }, addressingStyle: 'Path' },
})

/** A connector to MinIO with the identity of the ServiceAccount `runner`, unless overridden. */
export const atMinio = ({ minio }: AwsInputWorld, aws: Partial<AwsSpec> = {}): ServiceConnectorSpec => ({
  aws: {
    endpoint: minio.endpoint,
    caBundle: { configMapKeyRef: { name: 'minio-ca' } },
    auth: { webIdentity: { serviceAccountName: 'runner', roleArn: minio.roleArn } },
    ...aws,
  },
})

/** Statements that allow all actions of S3 except these. */
export const allBut = (...actions: string[]): object[] => [
  may('s3:*'),
  may('sts:*'),
  { Effect: 'Deny', Action: actions, Resource: '*' },
]

/** A spec of a store with one entry of credentials. */
export const entry = (change: object = {}): Pick<ArtifactStoreSpec, 'credentials'> => ({
  credentials: [{ name: 'step', formats: ['AwsProfile'], ...change }],
})

export async function startInputWorld(): Promise<AwsInputWorld> {
  const world = await World.start()
  const started: Stoppable[] = [world]
  try {
    const moto = await startMoto()
    started.push(moto)
    const servers = await startServers()
    started.push(servers)
    const all = await open(world, moto, servers, () => stopAll(started))
    await furnish(all)
    return all
  } catch (error) {
    await stopAll(started)
    throw error
  }
}

interface Stoppable {
  stop(): Promise<void>
}

const stopAll = async (all: Stoppable[]): Promise<void> => {
  await Promise.all(all.map(one => one.stop()))
}

async function open(world: World, moto: Moto, servers: Servers, stop: () => Promise<void>): Promise<AwsInputWorld> {
  const [tenant, elsewhere] = await Promise.all([world.tenant('bad'), world.tenant('elsewhere')])
  const { admin } = moto
  const { website, misnamed, caPem } = servers
  await tenant.create(CONFIG_MAPS, 'other-ca', { data: { 'ca.crt': caPem } }, true)
  const operator = await world.startOperator(['--leader-elect=false', '--allowed-audiences=sts.amazonaws.com,other'], {
    ...{ main: 'src/main.ts', nodeFlags: [] },
    env: { ...moto.environment, AWS_EC2_METADATA_DISABLED: 'true' },
  })

  const { controlPlane, minio } = world
  const all: AwsInputWorld = {
    ...{ controlPlane, minio, tenant, elsewhere, operator, moto, admin, website, misnamed, stop },
    secrets: new Set(),
    async secret(name, values, labelled) {
      for (const line of Object.values(values).join('\n').split('\n')) if (line.trim()) all.secrets.add(line.trim())
      await tenant.secret(name, values, labelled)
    },
    async keySecret(name, { accessKeyId, secretAccessKey, sessionToken }) {
      const token = sessionToken === undefined ? {} : { aws_session_token: sessionToken }
      await all.secret(name, { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, ...token })
    },
    async user(name, statements) {
      const key = await admin.createUser(name, statements)
      await all.keySecret(name, key)
      return key
    },
  }
  return all
}

/** Creates users that may do everything, a connector of one of them, and the default store of the namespace. */
async function furnish({ admin, tenant, user, secrets }: AwsInputWorld): Promise<void> {
  const made = tenant.user('minio-user', 'readwrite')
  await admin.createBucket('data')
  await user('alice', [may('s3:*'), may('sts:*'), may('cloudwatch:*')])
  await tenant.create(SERVICE_CONNECTORS, 'aws', { spec: atAws('alice') })
  await tenant.store('good', { path: 's3://data/good', connectorRef: { name: 'aws' }, default: true })
  await tenant.storeReady('good')
  secrets.add((await made).secretAccessKey)
}

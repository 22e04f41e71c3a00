/** What the rows of bad-input-*.ts are made of, and the place where all of them are tried at once. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { CONFIG_MAPS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { createCertificateAuthority } from '../cluster/certificates.ts'
import { type Moto, startMoto } from '../cluster/moto.ts'
import { type Key, type MotoAdmin, may } from '../cluster/motoadmin.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { type Tenant, World } from '../support/world.ts'
import type { AwsSpec } from './s3-lab.ts'

/** One bad input, and what status says about it. Its objects have its name. */
export interface Row {
  name: string
  /** Makes what the objects name, beside what the place has. */
  arrange?(place: Place, name: string): Promise<unknown>
  /** Absent: the store uses the connector `aws`, which works. */
  connector?(place: Place, name: string): ServiceConnectorSpec
  /** Present: it is the store that complains. */
  store?(place: Place, name: string): Partial<ArtifactStoreSpec>
  /** Default: Ready. */
  condition?: string
  reason: string
  /** Parts of the message: the field, and words of the cure. */
  says: string[]
}

export interface Place {
  world: World
  tenant: Tenant
  /** Another namespace. */
  elsewhere: Tenant
  operator: OperatorProcess
  moto: Moto
  admin: MotoAdmin
  /** Answers everything with a web page. */
  website: string
  /** TLS, with a certificate for another host by the CA in ConfigMap `other-ca`. */
  misnamed: string
  /** What nobody may ever see. */
  secrets: Set<string>
  /** A Secret whose values nobody may see. */
  secret(name: string, values: Record<string, string>, labelled?: boolean): Promise<void>
  /** A Secret with an access key. */
  keySecret(name: string, key: Key & { sessionToken?: string }): Promise<void>
  /** A user of moto, with the Secret of its key. */
  user(name: string, statements: object[]): Promise<Key>
  stop(): Promise<void>
}

/** At AWS, with the key of the Secret. */
export const atAws = (
  secretName: string,
  aws: Partial<AwsSpec> = {},
  rest: Partial<ServiceConnectorSpec> = {},
): ServiceConnectorSpec => ({ aws: { auth: { accessKey: { secretName } }, addressingStyle: 'Path', ...aws }, ...rest })

/** At AWS, as a ServiceAccount. */
export const atAwsAs = (serviceAccountName: string, more: object = {}): ServiceConnectorSpec => ({
  aws: { auth: { webIdentity: { serviceAccountName, ...more } }, addressingStyle: 'Path' },
})

/** At MinIO, as the ServiceAccount `runner` unless overridden. */
export const atMinio = ({ world: { minio } }: Place, aws: Partial<AwsSpec> = {}): ServiceConnectorSpec => ({
  aws: {
    endpoint: minio.endpoint,
    caBundle: { configMapKeyRef: { name: 'minio-ca' } },
    auth: { webIdentity: { serviceAccountName: 'runner', roleArn: minio.roleArn } },
    ...aws,
  },
})

/** Everything at S3 but these actions. */
export const allBut = (...actions: string[]): object[] => [
  may('s3:*'),
  may('sts:*'),
  { Effect: 'Deny', Action: actions, Resource: '*' },
]

/** One entry of a store. */
export const entry = (change: object = {}): Pick<ArtifactStoreSpec, 'credentials'> => ({
  credentials: [{ name: 'step', formats: ['AwsProfile'], ...change }],
})

export async function startPlace(): Promise<Place> {
  const [world, moto] = await Promise.all([World.start(), startMoto()])
  const [tenant, elsewhere] = await Promise.all([world.tenant('bad'), world.tenant('elsewhere')])
  const { admin } = moto
  const { servers, website, misnamed, caPem } = await startServers()
  await tenant.create(CONFIG_MAPS, 'other-ca', { data: { 'ca.crt': caPem } }, true)
  const operator = await world.startOperator(['--leader-elect=false', '--allowed-audiences=sts.amazonaws.com,other'], {
    ...{ main: 'src/main.ts', nodeFlags: [] },
    env: { ...moto.environment, AWS_EC2_METADATA_DISABLED: 'true' },
  })

  const place: Place = {
    ...{ world, tenant, elsewhere, operator, moto, admin, website, misnamed },
    secrets: new Set(),
    async secret(name, values, labelled) {
      for (const line of Object.values(values).join('\n').split('\n')) if (line.trim()) place.secrets.add(line.trim())
      await tenant.secret(name, values, labelled)
    },
    async keySecret(name, { accessKeyId, secretAccessKey, sessionToken }) {
      const token = sessionToken === undefined ? {} : { aws_session_token: sessionToken }
      await place.secret(name, { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, ...token })
    },
    async user(name, statements) {
      const key = await admin.createUser(name, statements)
      await place.keySecret(name, key)
      return key
    },
    async stop() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
      await Promise.all([world.stop(), moto.stop()])
    },
  }
  await furnish(place)
  return place
}

/** Users that may do everything, the connector of one, and the default store of the namespace. */
async function furnish({ admin, tenant, user, secrets }: Place): Promise<void> {
  const made = tenant.user('minio-user', 'readwrite')
  await admin.createBucket('data')
  await user('alice', [may('s3:*'), may('sts:*'), may('cloudwatch:*')])
  await tenant.create(SERVICE_CONNECTORS, 'aws', { spec: atAws('alice') })
  await tenant.store('good', { path: 's3://data/good', connectorRef: { name: 'aws' }, default: true })
  await tenant.storeReady('good')
  secrets.add((await made).secretAccessKey)
}

async function startServers() {
  const authority = await createCertificateAuthority('authority of others')
  const { certPem: cert, keyPem: key } = await authority.issueServer('somebody')
  const page: http.RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Console</title>')
  }
  const website = http.createServer(page)
  const misnamed = https.createServer({ cert, key }, page)
  await once(website.listen(0, '127.0.0.1'), 'listening')
  // The certificate is for 127.0.0.1.
  await once(misnamed.listen(0, '127.0.0.2'), 'listening')
  const portOf = (server: http.Server): number => (server.address() as AddressInfo).port
  return {
    servers: [website, misnamed],
    website: `http://127.0.0.1:${portOf(website)}`,
    misnamed: `https://127.0.0.2:${portOf(misnamed)}`,
    caPem: authority.certPem,
  }
}

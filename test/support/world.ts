/** A cluster with MinIO and the operator installed as deploy/ installs it, under its own ServiceAccount and RBAC. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { ArtifactStore, ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { type Condition, findCondition } from '../../src/api/conditions.ts'
import { CREDENTIALS_LABEL } from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { ServiceConnector, ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import type { Client } from '../../src/kube/client.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import { createClient } from '../../src/kube/kube-client.ts'
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  EVENTS,
  NAMESPACES,
  type Resource,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../../src/kube/resource.ts'
import { createTransport, type Transport } from '../../src/kube/transport.ts'
import { type Environment, startEnvironment } from '../cluster/environment.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { OperatorProcess, type Program } from './operator-process.ts'
import { until } from './until.ts'

const project = (path: string): string => join(import.meta.dirname, '../..', path)
const CRDS = ['serviceconnectors', 'artifactstores'].map(plural => project(`crds/artifactstore.dev_${plural}.yaml`))

export const SYSTEM = 'artifact-store-system'
export type SecretObject = KubeObject & { data: Record<string, string>; type: string }
type EventObject = KubeObject & { reason: string; note: string; type: string; regarding: { name: string } }

export class World {
  readonly environment: Environment
  readonly client: Client
  readonly #transport: Transport
  #operators: OperatorProcess[] = []

  private constructor(environment: Environment) {
    this.environment = environment
    this.#transport = createTransport({ access: loadKubeConfig({ kubeconfig: environment.controlPlane.kubeconfig }) })
    this.client = createClient(this.#transport)
  }

  static async start(): Promise<World> {
    const world = new World(await startEnvironment({ crds: CRDS }))
    try {
      await kubectl(world.controlPlane, ['apply', '--server-side', '-k', project('deploy')])
      return world
    } catch (error) {
      await world.stop()
      throw error
    }
  }

  get controlPlane() {
    return this.environment.controlPlane
  }

  get minio() {
    return this.environment.minio
  }

  /** A kubeconfig of the operator's ServiceAccount. */
  async operatorKubeconfig(): Promise<string> {
    const request = { audiences: [], expirationSeconds: 86_400 }
    const { token } = await this.client.createToken(SYSTEM, 'artifact-store-operator', request)
    return this.controlPlane.writeKubeconfigForToken(`operator-${randomBytes(4).toString('hex')}`, token)
  }

  async startOperator(flags: string[] = ['--leader-elect=false'], program?: Program): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start(await this.operatorKubeconfig(), flags, program)
    this.#operators.push(operator)
    return operator
  }

  async stop(): Promise<void> {
    for (const operator of this.#operators) await operator.kill()
    await this.#transport.close()
    await this.environment.stop()
  }

  /** A namespace of its own, with the ServiceAccount `runner`, the labelled CA and a bucket of the same name. */
  async tenant(name: string): Promise<Tenant> {
    await this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    const tenant = new Tenant(this, name)
    await tenant.create(SERVICE_ACCOUNTS, 'runner', {})
    await tenant.create(CONFIG_MAPS, 'minio-ca', { data: { 'ca.crt': this.minio.caPem } }, true)
    await this.minio.admin.createBucket(name)
    return tenant
  }
}

export class Tenant {
  readonly world: World
  readonly name: string

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
  }

  create(resource: Resource, name: string, rest: object, labelled = false): Promise<KubeObject> {
    const { apiVersion, kind } = resource
    const labels = labelled ? { [CREDENTIALS_LABEL]: 'true' } : {}
    const metadata = { name, namespace: this.name, labels }
    return this.world.client.create(resource, { apiVersion, kind, metadata, ...rest })
  }

  /** Labelled, as connectors need it. */
  secret(name: string, stringData: Record<string, string>, labelled = true): Promise<KubeObject> {
    return this.create(SECRETS, name, { stringData }, labelled)
  }

  /** A MinIO user, and the Secret that holds its key. */
  async user(name: string, policy: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
    const key = { accessKeyId: `${this.name}-${name}`, secretAccessKey: randomBytes(20).toString('hex') }
    await this.world.minio.admin.createUser(key.accessKeyId, key.secretAccessKey, policy)
    await this.secret(name, { aws_access_key_id: key.accessKeyId, aws_secret_access_key: key.secretAccessKey })
    return key
  }

  /** IRSA to MinIO unless overridden. */
  connector(
    name: string,
    aws: Partial<NonNullable<ServiceConnectorSpec['aws']>> = {},
    rest: Partial<ServiceConnectorSpec> = {},
  ) {
    const { endpoint, roleArn } = this.world.minio
    const spec: ServiceConnectorSpec = {
      aws: {
        endpoint,
        caBundle: { configMapKeyRef: { name: 'minio-ca' } },
        auth: { webIdentity: { serviceAccountName: 'runner', roleArn } },
        ...aws,
      },
      ...rest,
    }
    return this.create(SERVICE_CONNECTORS, name, { spec })
  }

  keyConnector(name: string, secretName: string, rest: Partial<ServiceConnectorSpec> = {}) {
    return this.connector(name, { auth: { accessKey: { secretName } } }, rest)
  }

  store(name: string, spec: Partial<ArtifactStoreSpec> = {}) {
    const { path = `s3://${this.name}/${name}`, connectorRef = { name: 'minio' }, ...rest } = spec
    const credentials = [{ name: 'step', formats: ['AwsProfile' as const] }]
    return this.create(ARTIFACT_STORES, name, { spec: { path, connectorRef, credentials, ...rest } })
  }

  getStore = (name: string): Promise<ArtifactStore> => this.world.client.get(ARTIFACT_STORES, this.name, name)
  getConnector = (name: string): Promise<ServiceConnector> => this.world.client.get(SERVICE_CONNECTORS, this.name, name)

  async getSecret(name: string): Promise<SecretObject | undefined> {
    try {
      return await this.world.client.get<SecretObject>(SECRETS, this.name, name)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** The credentials of an AwsProfile Secret. */
  async credentials(
    name: string,
  ): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: Date }> {
    const secret = await this.getSecret(name)
    const text = Buffer.from(secret?.data['credentials.json'] ?? '', 'base64').toString()
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = JSON.parse(text)
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: new Date(Expiration),
    }
  }

  storeReady = (name: string): Promise<ArtifactStore> => settled(() => this.getStore(name), 'Ready', 'True')
  storeCondition = (name: string, type: string, status: Condition['status'], reason?: string): Promise<ArtifactStore> =>
    settled(() => this.getStore(name), type, status, reason)
  connectorReady = (name: string): Promise<ServiceConnector> => settled(() => this.getConnector(name), 'Ready', 'True')
  connectorCondition = (name: string, type: string, status: Condition['status'], reason?: string) =>
    settled(() => this.getConnector(name), type, status, reason)

  async events(regarding: string): Promise<EventObject[]> {
    const { items } = await this.world.client.list<EventObject>(EVENTS, this.name)
    return items.filter(event => event.regarding.name === regarding)
  }
}

interface WithConditions extends KubeObject {
  status?: { observedGeneration?: number; conditions?: Condition[] }
}

/** Waits for a condition that is about the object's present generation. */
function settled<T extends WithConditions>(
  read: () => Promise<T>,
  type: string,
  status: string,
  reason?: string,
): Promise<T> {
  return until(
    `${type}=${status}${reason ? `/${reason}` : ''}`,
    async () => {
      const object = await read()
      const condition = findCondition(object.status?.conditions, type)
      const current = object.status?.observedGeneration === object.metadata.generation
      return current && condition?.status === status && (!reason || condition.reason === reason) && object
    },
    { last: async () => (await read()).status },
  )
}

export const messageOf = (object: WithConditions, type = 'Ready'): string =>
  findCondition(object.status?.conditions, type)?.message ?? ''

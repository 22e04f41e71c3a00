/**
 * A cluster with MinIO and the operator installed. The tests have four words: an Environment is processes, a World is an
 * Environment with the operator, a Tenant is a namespace in a World, and a Lab is a provider without an operator.
 */
import { randomBytes } from 'node:crypto'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, SERVICE_ACCOUNTS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { type Environment, type EnvironmentOptions, startEnvironment } from '../cluster/environment.ts'
import { CRDS, Installation } from './installation.ts'
import { Namespace } from './namespace.ts'

export { messageOf, type SecretObject } from './namespace.ts'

export class World extends Installation {
  readonly environment: Environment

  protected constructor(environment: Environment) {
    super(environment.controlPlane)
    this.environment = environment
  }

  static async start(): Promise<World> {
    return (await World.bare()).install()
  }

  /** The same without the operator's objects. */
  static async bare(options: EnvironmentOptions = {}): Promise<World> {
    return new World(await startEnvironment({ crds: CRDS, ...options }))
  }

  get minio() {
    return this.environment.minio
  }

  override async stop(): Promise<void> {
    await super.stop()
    await this.environment.stop()
  }

  /** Creates a namespace with the ServiceAccount `runner`, the labelled CA and a bucket of the same name. */
  async tenant(name: string): Promise<Tenant> {
    const tenant = new Tenant(this, name)
    await tenant.createNamespace()
    await tenant.create(SERVICE_ACCOUNTS, 'runner', {})
    await tenant.create(CONFIG_MAPS, 'minio-ca', { data: { 'ca.crt': this.minio.caPem } }, true)
    await this.minio.admin.createBucket(name)
    return tenant
  }
}

export class Tenant extends Namespace<World> {
  /** Creates a user of MinIO and the Secret with the user's key. */
  async user(name: string, policy: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
    const key = { accessKeyId: `${this.name}-${name}`, secretAccessKey: randomBytes(20).toString('hex') }
    await this.world.minio.admin.createUser(key.accessKeyId, key.secretAccessKey, policy)
    await this.secret(name, { aws_access_key_id: key.accessKeyId, aws_secret_access_key: key.secretAccessKey })
    return key
  }

  /** Creates a connector that uses IRSA at MinIO, unless overridden. */
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

  /** The credentials in a Secret of the format AwsProfile. */
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
}

/** A cluster with the operator, in which the services trust one ServiceAccount. */
import { join } from 'node:path'
import type { AwsSpec } from '../../src/api/aws-connector.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, SERVICE_ACCOUNTS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import { type Key, type S3Service, trustedAccount, trustedNamespace } from '../cluster/services/service.ts'
import { CRDS, Installation } from '../support/installation.ts'
import { MountedSecret, plainText } from '../support/mounted-secret.ts'
import { Namespace } from '../support/namespace.ts'
import { BUCKET, PREFIX } from './lab.ts'

export class ServicesWorld extends Installation {
  readonly tenant: Namespace<ServicesWorld>
  #environment: Readonly<Record<string, string>> = {}

  private constructor(controlPlane: ControlPlane) {
    super(controlPlane)
    this.tenant = new Namespace<ServicesWorld>(this, trustedNamespace)
  }

  static async start(): Promise<ServicesWorld> {
    const world = await new ServicesWorld(await startControlPlane({ crds: CRDS })).install()
    await world.tenant.createNamespace()
    await world.tenant.create(SERVICE_ACCOUNTS, trustedAccount, {})
    return world
  }

  /** Starts the operator, with an environment in which it finds moto as it finds AWS. */
  async operate(environment: Readonly<Record<string, string>>): Promise<void> {
    this.#environment = environment
    const env = { ...this.#environment, AWS_EC2_METADATA_DISABLED: 'true' }
    await this.startOperator(['--leader-elect=false'], { main: 'src/main.ts', nodeFlags: [], env, readyMs: 120_000 })
  }

  override async stop(): Promise<void> {
    await super.stop()
    await this.controlPlane.stop()
  }

  token = async (audience: string): Promise<string> => {
    const request = { audiences: [audience], expirationSeconds: 600 }
    return (await this.client.createToken(trustedNamespace, trustedAccount, request)).token
  }

  /** Creates a connector with the key in a Secret, and a store with an AwsProfile for pods. */
  async apply(name: string, { caPem, key }: Pick<S3Service, 'caPem'> & { key: Key }, aws: AwsSpec): Promise<void> {
    const { tenant } = this
    const values = { aws_access_key_id: key.accessKeyId, aws_secret_access_key: key.secretAccessKey }
    await tenant.secret(`${name}-key`, values)
    if (caPem) await tenant.create(CONFIG_MAPS, `${name}-ca`, { data: { 'ca.crt': caPem } }, true)
    const spec = {
      ...aws,
      ...(aws.caBundle ? { caBundle: { configMapKeyRef: { name: `${name}-ca` } } } : {}),
      ...(aws.auth.accessKey ? { auth: { accessKey: { secretName: `${name}-key` } } } : {}),
    }
    await tenant.create(SERVICE_CONNECTORS, name, { spec: { aws: spec } })
    const entry = { name: 'step', formats: ['AwsProfile'], mountPath: this.#mountPath(name) }
    const path = `s3://${BUCKET}/${PREFIX.slice(0, -1)}`
    const store = { path, connectorRef: { name }, usage: { source: 'List' }, credentials: [entry] }
    await tenant.create(ARTIFACT_STORES, name, { spec: store })
  }

  #mountPath = (name: string): string => join(this.controlPlane.dir, 'mounts', name)

  /** Mounts what the store has projected; returns the environment of a container with default settings. */
  async mount(name: string, service: S3Service): Promise<Record<string, string>> {
    const secret = await this.tenant.getSecret(`${name}-step`)
    const path = this.#mountPath(name)
    new MountedSecret(path).update(plainText(secret?.data ?? {}))
    return {
      AWS_CONFIG_FILE: join(path, 'config'),
      // Node reads no roots from the profile.
      ...(service.caPem ? { NODE_EXTRA_CA_CERTS: join(path, 'ca.crt') } : {}),
      ...(service.endpoint ? {} : this.#environment),
    }
  }
}

/** The world of consumers: one operator at MinIO for all suites, and pods that have only projected Secrets. */
import https from 'node:https'
import { join } from 'node:path'
import { S3 } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { type Environment, startEnvironment } from '../../cluster/environment.ts'
import { mcBinary, pythonWithClients } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'
import { CRDS } from '../../support/installation.ts'
import { MountedSecret, plainText, variablesOf } from '../../support/mounted-secret.ts'
import type { Namespace } from '../../support/namespace.ts'
import { World } from '../../support/world.ts'
import { askPython } from './programs.ts'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** Settings for a client of MinIO in this process. */
export const settingsOf = ({ endpoint }: { endpoint: string }, httpsAgent: https.Agent, credentials: Credentials) => ({
  region: 'us-east-1',
  endpoint,
  maxAttempts: 1,
  credentials,
  requestHandler: { httpsAgent },
})

export class ConsumersWorld extends World {
  readonly python: string
  readonly #agent: https.Agent

  private constructor(environment: Environment, python: string) {
    super(environment)
    this.python = python
    this.#agent = new https.Agent({ ca: this.minio.caPem, keepAlive: true })
  }

  static override async start(): Promise<ConsumersWorld> {
    const python = await pythonWithClients()
    const world = await new ConsumersWorld(await startEnvironment({ crds: CRDS }), python).install()
    try {
      await world.startOperator()
      return world
    } catch (error) {
      await world.stop()
      throw error
    }
  }

  override async stop(): Promise<void> {
    this.#agent.destroy()
    await super.stop()
  }

  /** The path at which a test mounts a Secret, as there is no kubelet. */
  mountPath = (name: string): string => join(this.controlPlane.dir, 'mounts', name)

  /** A client in this process, for calls that no client of a consumer makes. */
  s3 = (credentials: Credentials): S3 => new S3({ ...this.#settings(credentials), forcePathStyle: true })
  sts = (credentials: Credentials): STSClient => new STSClient(this.#settings(credentials))

  #settings = (credentials: Credentials) => settingsOf(this.minio, this.#agent, credentials)

  /** Runs MinIO's own client, which knows the server by the name `alias`. */
  async mc(alias: string, { accessKeyId, secretAccessKey, sessionToken }: Credentials) {
    const { dir, endpoint } = this.minio
    const command = await mcBinary()
    const { host } = new URL(endpoint)
    const env = { [`MC_HOST_${alias}`]: `https://${accessKeyId}:${secretAccessKey}:${sessionToken}@${host}` }
    return (args: string[], input = '') =>
      run({ command, args: ['--config-dir', join(dir, 'mc'), '--quiet', ...args], env }, input)
  }

  python3 = (script: string, args: string[], env?: Record<string, string>): Promise<unknown> =>
    askPython(this.python, script, args, env)
}

/** The owner of Secrets that are read. */
type Owner = Pick<Namespace, 'name' | 'getSecret'>

/** The values of a Secret in plain text. */
export async function valuesOf(tenant: Owner, secret: string): Promise<Record<string, string>> {
  const { data } = (await tenant.getSecret(secret)) ?? {}
  if (!data) throw new Error(`there is no Secret "${tenant.name}/${secret}"`)
  return plainText(data)
}

export interface Pod {
  /** Where the Secret is mounted. */
  path: string
  volume: MountedSecret
  /** The variables that `envFrom` gives. */
  variables: Record<string, string>
}

export async function mount(tenant: Owner, secret: string, path: string): Promise<Pod> {
  const volume = new MountedSecret(path)
  const values = await valuesOf(tenant, secret)
  volume.update(values)
  return { path, volume, variables: variablesOf(values) }
}

/** Where consumers are tested: one operator at MinIO for all suites, and pods that have nothing but projected Secrets. */
import { join } from 'node:path'
import type { CredentialsEntry } from '../../src/api/artifact-store.ts'
import { pythonWithClients } from '../cluster/tools.ts'
import { run } from '../support/client-process.ts'
import { MountedSecret, plainText, variablesOf } from '../support/mounted-secret.ts'
import { type Tenant, World } from '../support/world.ts'

export class ConsumersPlace {
  readonly world: World
  readonly python: string

  private constructor(world: World, python: string) {
    this.world = world
    this.python = python
  }

  static async start(): Promise<ConsumersPlace> {
    const python = await pythonWithClients()
    const world = await World.start()
    try {
      await world.startOperator()
      return new ConsumersPlace(world, python)
    } catch (error) {
      await world.stop()
      throw error
    }
  }

  stop(): Promise<void> {
    return this.world.stop()
  }

  /** An entry whose Secret is mounted where this test puts it, as there is no kubelet. */
  entry(entry: CredentialsEntry): CredentialsEntry & { mountPath: string } {
    return { ...entry, mountPath: join(this.world.controlPlane.dir, 'mounts', entry.name) }
  }

  script = (name: string): string => join(import.meta.dirname, 'consumers', name)

  /** A Python script's line of JSON. */
  async python3(script: string, args: string[], env: Record<string, string> = {}): Promise<unknown> {
    return JSON.parse(await run({ command: this.python, args: [this.script(script), ...args], env }))
  }
}

/** The values of a Secret in plain text. */
export async function valuesOf(tenant: Tenant, secret: string): Promise<Record<string, string>> {
  const { data } = (await tenant.getSecret(secret)) ?? {}
  if (!data) throw new Error(`there is no Secret "${tenant.name}/${secret}"`)
  return plainText(data)
}

/** A Secret as volume and, as far as the names of its keys allow, as variables. */
export async function mount(tenant: Tenant, secret: string, path: string) {
  const volume = new MountedSecret(path)
  const values = await valuesOf(tenant, secret)
  volume.update(values)
  return { path, volume, variables: variablesOf(values) }
}

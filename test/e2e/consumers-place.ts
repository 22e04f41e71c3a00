/** Where consumers are tested: one operator at MinIO for all suites, and pods that have nothing but projected Secrets. */
import { join } from 'node:path'
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

  /** Where a Secret is mounted, as there is no kubelet. */
  mountPath = (name: string): string => join(this.world.controlPlane.dir, 'mounts', name)

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

export interface Pod {
  /** Where the Secret is mounted. */
  path: string
  volume: MountedSecret
  /** What `envFrom` gives. */
  variables: Record<string, string>
}

export async function mount(tenant: Tenant, secret: string, path: string): Promise<Pod> {
  const volume = new MountedSecret(path)
  const values = await valuesOf(tenant, secret)
  volume.update(values)
  return { path, volume, variables: variablesOf(values) }
}

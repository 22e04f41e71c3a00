/** moto as a strict AWS (see moto/server.py): STS, IAM, S3 in regions and CloudWatch, without AWS. */
import { join } from 'node:path'
import { createMotoAdmin, type MotoAdmin } from './moto-admin.ts'
import { freePort, Service, Workspace } from './processes.ts'
import { pythonWithMoto } from './tools.ts'

export interface Moto {
  readonly endpoint: string
  readonly dir: string
  /** Variables that send a process's clients of AWS to this server. */
  readonly environment: Readonly<Record<string, string>>
  readonly admin: MotoAdmin
  keepLogs(): void
  stop(): Promise<void>
}

/** `lenient`: moto itself, which narrows no credentials. */
export async function startMoto({ lenient = false } = {}): Promise<Moto> {
  const [python, workspace] = await Promise.all([pythonWithMoto(), Workspace.create('moto')])
  let service: Service | undefined
  try {
    const port = await freePort()
    const endpoint = `http://127.0.0.1:${port}`
    const script = join(import.meta.dirname, 'moto/server.py')
    // The last argument names its directory, so that tests find processes that are left over.
    const given = [`${port}`, ...(lenient ? ['lenient'] : []), workspace.dir]
    service = new Service('moto', { command: python, args: ['-B', script] }, given, workspace)
    await service.until('serving', async () => (await fetch(`${endpoint}/sessions`)).ok)
    const started = service
    const admin = createMotoAdmin(endpoint)
    return {
      endpoint,
      dir: workspace.dir,
      environment: {
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_ENDPOINT_URL_STS: endpoint,
        AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
      },
      admin,
      keepLogs: () => workspace.keepLogs(),
      async stop() {
        admin.close()
        await started.kill()
        await workspace.remove()
      },
    }
  } catch (error) {
    await service?.kill()
    await workspace.remove()
    throw error
  }
}

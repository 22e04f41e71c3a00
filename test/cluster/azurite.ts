/** A real Azurite (the blob service of Azure Storage) over TLS, with an account of its own. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AzuriteAdmin, createAzuriteAdmin } from './azurite-admin.ts'
import { type CertificateAuthority, createCertificateAuthority } from './certificates.ts'
import { createCaller } from './https.ts'
import { freePort, Service, Workspace } from './processes.ts'
import { azuriteBinary } from './tools.ts'

export interface Azurite {
  /** The endpoint of the account: `https://127.0.0.1:<port>/<account>`. */
  readonly endpoint: string
  readonly port: number
  readonly caPem: string
  readonly accountName: string
  /** The key in base64 that is valid since the last start. */
  readonly accountKey: string
  readonly dir: string
  readonly admin: AzuriteAdmin
  /** Stops Azurite and keeps its data for `start()`. */
  halt(): Promise<void>
  /** Starts Azurite at the same port with the same data. Another key makes every signature by the old key invalid. */
  start(options?: { accountKey?: string }): Promise<void>
  keepLogs(): void
  /** Stops Azurite and removes its data. */
  stop(): Promise<void>
}

export interface AzuriteOptions {
  /** The authority that issues the certificate of the server. Default: an authority of its own. */
  readonly authority?: CertificateAuthority
}

export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const [binary, workspace] = await Promise.all([azuriteBinary(), Workspace.create('azurite')])
  let service: Service | undefined
  const kill = async () => {
    await service?.kill()
    service = undefined
  }

  try {
    const { dir } = workspace
    const port = await freePort()
    const origin = `https://127.0.0.1:${port}`
    const accountName = `test${randomBytes(6).toString('hex')}`
    let accountKey = newAccountKey()
    const authority = options.authority ?? (await createCertificateAuthority('test azurite'))
    const [cert, key] = await writeCertificate(dir, authority)
    const caPem = authority.certPem
    const caller = createCaller(origin, { ca: caPem })
    const args = ['--blobPort', `${port}`, '--location', dir, '--oauth', 'basic', '--cert', cert, '--key', key]

    const start = async (change: { accountKey?: string } = {}) => {
      if (service) throw new Error('Azurite runs already: halt() it first')
      accountKey = change.accountKey ?? accountKey
      const started = new Service('azurite', binary, [...args, '--disableTelemetry'], {
        logs: workspace.logs,
        env: { AZURITE_ACCOUNTS: `${accountName}:${accountKey}` },
      })
      service = started
      await started.until('answering', async () => (await caller.request('GET', '/')).status > 0)
    }

    /** Ends Azurite gracefully: it writes its tables when it ends, so it must not be killed. */
    const halt = async () => {
      const running = service
      if (!running) return
      process.kill(running.pid, 'SIGTERM')
      await running.until('saving its data', () => running.output().includes('successfully closed'))
      await kill()
    }

    await start()
    const endpoint = `${origin}/${accountName}`
    const admin = createAzuriteAdmin({ endpoint, caPem, accountName, accountKey: () => accountKey })
    return {
      ...{ endpoint, port, caPem, accountName, dir, admin, halt, start },
      get accountKey() {
        return accountKey
      },
      keepLogs: () => workspace.keepLogs(),
      async stop() {
        caller.close()
        await kill()
        await workspace.remove()
      },
    }
  } catch (error) {
    await kill()
    await workspace.remove()
    throw error
  }
}

/** A random key for a storage account: 64 bytes in base64. */
export function newAccountKey(): string {
  return randomBytes(64).toString('base64')
}

async function writeCertificate(dir: string, authority: CertificateAuthority): Promise<[cert: string, key: string]> {
  const server = await authority.issueServer('azurite')
  const paths: [string, string] = [join(dir, 'server.crt'), join(dir, 'server.key')]
  await writeFile(paths[0], server.certPem)
  await writeFile(paths[1], server.keyPem, { mode: 0o600 })
  return paths
}

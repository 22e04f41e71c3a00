/** A controller of somebody else, written in Go with controller-runtime, as a process of its own. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from './environment.ts'
import { freePort, Service, Workspace } from './processes.ts'

export interface PeerOptions {
  /** The path of the program. */
  command: string
  /** The kind whose controller is waited for. */
  kind: string
  /** `dir`: a folder for what it stores; `address`: one to listen at. */
  flags(dir: string, address: string): readonly string[]
}

export interface Peer extends AsyncDisposable {
  readonly pid: number
  metrics(): Promise<string>
  /** What it has logged. */
  output(): string
}

/** Starts it as the administrator of the cluster. Resolves when its caches are synced and its workers have started. */
export async function startPeer({ command, kind, flags }: PeerOptions, environment: Environment): Promise<Peer> {
  const { controlPlane, minio } = environment
  const workspace = await Workspace.create('peer')
  const [metricsAddress, address] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const caFile = join(workspace.dir, 'minio-ca.crt')
  await writeFile(caFile, minio.caPem)
  const all = [`--metrics-addr=${metricsAddress}`, ...flags(workspace.dir, address)]
  // Go's programs trust the authorities of this file.
  const env = { KUBECONFIG: controlPlane.kubeconfig, SSL_CERT_FILE: caFile }
  const service = new Service('peer', { command, args: [] }, all, { logs: workspace.logs, env })
  const stop = async () => {
    await service.kill()
    await workspace.remove()
  }
  try {
    await service.until('having workers', () => hasWorkers(service.output(), kind))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    pid: service.pid,
    metrics: async () => (await fetch(`http://${metricsAddress}/metrics`)).text(),
    output: () => service.output(),
    [Symbol.asyncDispose]: stop,
  }
}

/** controller-runtime logs it once the caches of that controller are synced. */
const hasWorkers = (output: string, kind: string): boolean =>
  output.split('\n').some(line => line.includes('"Starting workers"') && line.includes(`"controllerKind":"${kind}"`))

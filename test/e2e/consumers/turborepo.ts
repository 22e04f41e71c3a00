/** A real turborepo-remote-cache that runs with the variables of its Secret. */
import { freePort } from '../../cluster/processes.ts'
import { remoteCacheMain } from '../../cluster/tools.ts'
import { RunningProgram } from '../../support/client-process.ts'
import { until } from '../../support/until.ts'

const TOKEN = 'of-turbo'

export class RemoteCache extends RunningProgram {
  readonly #origin: string

  private constructor(main: string, port: number, variables: Record<string, string>) {
    const env = { ...variables, NODE_ENV: 'production', LOG_LEVEL: 'silent', PORT: `${port}`, TURBO_TOKEN: TOKEN }
    super({ command: process.execPath, args: [main], env })
    this.#origin = `http://127.0.0.1:${port}`
  }

  static async start(variables: Record<string, string>): Promise<RemoteCache> {
    const cache = new RemoteCache(await remoteCacheMain(), await freePort(), variables)
    await until('the remote cache answers', async () => (await cache.#call('GET', 'status')).ok)
    return cache
  }

  /** Stores an artifact; resolves with the HTTP status. */
  async put(team: string, hash: string, artifact: string): Promise<number> {
    return (await this.#call('PUT', `${hash}?slug=${team}`, artifact)).status
  }

  async get(team: string, hash: string): Promise<{ status: number; body: string }> {
    const response = await this.#call('GET', `${hash}?slug=${team}`)
    return { status: response.status, body: await response.text() }
  }

  #call(method: string, path: string, body?: string): Promise<Response> {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/octet-stream' }) }
    return fetch(`${this.#origin}/v8/artifacts/${path}`, { method, headers, ...(body && { body }) })
  }
}

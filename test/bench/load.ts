/** Creates many objects, watches them, and measures how long each of them takes to become Ready. */
import https from 'node:https'
import type { ControlPlane } from '../cluster/control-plane.ts'

export interface LoadResult {
  n: number
  ready: number
  createMs: number
  /** Time from the first create request to the last object that became Ready. */
  totalMs: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  /** MODIFIED events for each object, which are its status writes. */
  writesPerObject: number
}

interface Watched {
  metadata: { name: string }
  status?: { conditions?: { type: string; status: string }[] }
}

export interface Load {
  /** Path of the collection at the API server. */
  path: string
  count: number
  object(index: number): { metadata: { name: string } }
  parallel?: number
  timeoutMs?: number
}

const isReady = ({ status }: Watched): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

export async function load(controlPlane: ControlPlane, options: Load): Promise<LoadResult> {
  const { path, count, parallel = 16, timeoutMs = 300_000 } = options
  const { server, caPem: ca, adminCertificate: cert, adminKey: key } = controlPlane
  const agent = new https.Agent({ keepAlive: true, maxSockets: 64, ca, cert, key })
  const createdAt = new Map<string, number>()
  const readyAt = new Map<string, number>()
  let writes = 0
  const finished = Promise.withResolvers<void>()

  const { resourceVersion } = JSON.parse(await send(agent, 'GET', `${server}${path}?limit=1`)).metadata
  const watch = https.request(`${server}${path}?watch=1&resourceVersion=${resourceVersion}`, { agent }, response => {
    let text = ''
    response.setEncoding('utf8').on('data', chunk => {
      const lines = (text + chunk).split('\n')
      text = lines.pop() ?? ''
      for (const { type, object } of lines.map(line => JSON.parse(line) as { type: string; object: Watched })) {
        const { name } = object.metadata
        if (type === 'MODIFIED') writes++
        if (!createdAt.has(name) || readyAt.has(name) || !isReady(object)) continue
        readyAt.set(name, performance.now())
        if (readyAt.size === count) finished.resolve()
      }
    })
  })
  watch.on('error', () => {})
  watch.end()

  const started = performance.now()
  let next = 0
  const creator = async () => {
    while (next < count) {
      const object = options.object(next++)
      createdAt.set(object.metadata.name, performance.now())
      await send(agent, 'POST', `${server}${path}`, object)
    }
  }
  await Promise.all(Array.from({ length: parallel }, creator))
  const createMs = performance.now() - started
  const timeout = setTimeout(() => finished.resolve(), timeoutMs)
  await finished.promise
  clearTimeout(timeout)
  // A superfluous write would follow within these seconds.
  await new Promise(resolve => setTimeout(resolve, 3_000))
  watch.destroy()
  agent.destroy()

  const times = [...readyAt].map(([name, at]) => at - (createdAt.get(name) ?? at)).sort((a, b) => a - b)
  const quantile = (q: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * q))] ?? -1)
  return {
    n: count,
    ready: readyAt.size,
    createMs: Math.round(createMs),
    totalMs: Math.round(Math.max(...readyAt.values()) - started),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: Math.round(times.at(-1) ?? -1),
    writesPerObject: writes / count,
  }
}

function send(agent: https.Agent, method: string, url: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const request = https.request(url, { method, agent, headers }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      response.on('end', () =>
        (response.statusCode ?? 500) < 300 ? resolve(text) : reject(new Error(`${response.statusCode} ${text}`)),
      )
    })
    request.on('error', reject)
    request.end(body && JSON.stringify(body))
  })
}

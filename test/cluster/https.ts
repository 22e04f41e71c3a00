/** JSON over HTTPS with a private CA, to set up a cluster and to read from it. */
import https from 'node:https'

export interface Answer {
  readonly status: number
  readonly text: string
  /** The parsed body; undefined when it isn't JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever Kubernetes answers
  readonly json: any
}

export interface Caller {
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): void
}

export function createCaller(origin: string, tls: { ca: string; cert?: string; key?: string }): Caller {
  const agent = new https.Agent({ ...tls, keepAlive: true })
  return {
    close: () => agent.destroy(),
    request: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? undefined : JSON.stringify(body)
        const type = payload === undefined ? {} : { 'content-type': 'application/json' }
        const request = https.request(origin + path, { method, agent, headers: { ...type, ...headers } }, response => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', chunk => {
            text += chunk
          })
          response.once('error', reject)
          response.once('end', () => resolve({ status: response.statusCode ?? 0, text, json: parse(text) }))
        })
        request.setTimeout(30_000, () => request.destroy(new Error(`${method} ${path}: no answer for 30 s`)))
        request.once('error', reject)
        request.end(payload)
      }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A proxy over plain HTTP in front of an STS, which takes the session policy out of what is asked for web identities. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { closeProxy } from './close-proxy.ts'

export interface PolicyStripper {
  readonly endpoint: string
  /** The number of policies so far that did not reach the service. */
  readonly stripped: number
  close(): Promise<void>
}

/** Requests for web identities are not signed, so nobody notices. */
export async function startPolicyStripper(service: { endpoint: string; caPem: string }): Promise<PolicyStripper> {
  const agent = new https.Agent({ ca: service.caPem, keepAlive: true })
  let stripped = 0
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    if (form.has('Policy')) stripped++
    form.delete('Policy')
    const { 'content-length': _, host: __, ...headers } = request.headers
    const onward = https.request(service.endpoint, { method: request.method, headers, agent }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end(form.toString())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get stripped() {
      return stripped
    },
    close: () => closeProxy(server, agent),
  }
}

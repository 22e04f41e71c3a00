/** A web proxy that leads every host to one port of this machine, and remembers its requests. */
import { createServer, type IncomingMessage, request as send } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface WebProxy {
  url: string
  /** Requests in order, such as `CONNECT s3.example:443` or `GET http://s3.example/bucket`. */
  asked: string[]
  close(): Promise<void>
}

export interface WebProxyOptions {
  /** The port that all requests are led to. */
  port: number
  /** The status of the answer to CONNECT. Default: 200. */
  status?: number
}

export async function startWebProxy({ port, status = 200 }: WebProxyOptions): Promise<WebProxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    const { method, headers } = incoming
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://origin')
    const outgoing = send({ host: '127.0.0.1', port, method, path: pathname + search, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url}`)
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    for (const end of [socket, upstream]) {
      sockets.add(end)
      end.on('error', () => socket.destroy())
      end.on('close', () => {
        sockets.delete(end)
        socket.destroy()
        upstream.destroy()
      })
    }
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

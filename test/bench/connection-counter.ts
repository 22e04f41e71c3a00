/** A TCP proxy before a service that counts the connections which are opened through it. TLS passes unchanged. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface ConnectionCounter extends AsyncDisposable {
  readonly endpoint: string
  /** The number of connections so far. */
  opened(): number
}

/** `endpoint`: the service's, on this machine. */
export async function startConnectionCounter(endpoint: string): Promise<ConnectionCounter> {
  const { protocol, hostname, port } = new URL(endpoint)
  const sockets = new Set<Socket>()
  let opened = 0
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket)
    socket.on('error', () => other.destroy())
    socket.on('close', () => sockets.delete(socket) && other.end())
  }
  const server = createServer(client => {
    opened++
    const service = connect(Number(port), hostname)
    keep(client, service)
    keep(service, client)
    client.pipe(service).pipe(client)
  })
  server.listen(0, hostname)
  await once(server, 'listening')
  return {
    endpoint: `${protocol}//${hostname}:${(server.address() as AddressInfo).port}`,
    opened: () => opened,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

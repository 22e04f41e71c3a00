/** The end of proxies. */
import type { Agent, Server } from 'node:http'

/** Breaks all connections of a proxy, those to the service behind it and those to its callers. */
export const closeProxy = (server: Server, agent: Pick<Agent, 'destroy'>): Promise<void> =>
  new Promise(closed => {
    agent.destroy()
    server.close(() => closed())
    server.closeAllConnections()
  })

/** Servers that are not what their connectors expect. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority } from '../../cluster/certificates.ts'

export interface Servers {
  /** A server that answers every request with a web page. */
  website: string
  /** A TLS server whose certificate, by the CA of `caPem`, is for another host. */
  misnamed: string
  caPem: string
  stop(): Promise<void>
}

export async function startServers(): Promise<Servers> {
  const authority = await createCertificateAuthority('authority of others')
  const { certPem: cert, keyPem: key } = await authority.issueServer('somebody')
  const page: http.RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Console</title>')
  }
  const website = http.createServer(page)
  const misnamed = https.createServer({ cert, key }, page)
  await once(website.listen(0, '127.0.0.1'), 'listening')
  // The certificate is for 127.0.0.1.
  await once(misnamed.listen(0, '127.0.0.2'), 'listening')
  const portOf = (server: http.Server): number => (server.address() as AddressInfo).port
  return {
    async stop() {
      for (const server of [website, misnamed]) {
        server.closeAllConnections()
        server.close()
      }
    },
    website: `http://127.0.0.1:${portOf(website)}`,
    misnamed: `https://127.0.0.2:${portOf(misnamed)}`,
    caPem: authority.certPem,
  }
}

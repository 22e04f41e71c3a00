/** Whose program it is that has called on loopback, where the system tells that: on Linux. */
import { readFile } from 'node:fs/promises'

/** Both ends of a connection as the server sees them. */
export interface Ends {
  remoteAddress?: string | undefined
  remotePort?: number | undefined
  localPort?: number | undefined
}

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6']
/** 127.0.0.1 as the tables write it, and the same as an address of IPv6. */
const LOOPBACK = ['0100007F', '0000000000000000FFFF00000100007F']
/** The same two as Node writes them. */
const CLIENTS = ['127.0.0.1', '::ffff:127.0.0.1']

/**
 * Whether the other end belongs to this person, or to root, who may do what this person may: what brings Windows to WSL is
 * root's. True where nobody can tell.
 */
export async function isOwn(ends: Ends, own = process.getuid?.()): Promise<boolean> {
  if (own === undefined) return true
  const tables = await Promise.all(TABLES.map(path => readFile(path, 'utf8').catch(() => '')))
  const owner = ownerIn(tables.join('\n'), ends)
  return owner === 'untold' || owner === own || owner === 0
}

/** Pure. Untold: the table lacks even the server's own end. Undefined: there is no such connection. */
export function ownerIn(
  table: string,
  { remoteAddress = '', remotePort = 0, localPort = 0 }: Ends,
): number | 'untold' | undefined {
  const at = (port: number): string[] =>
    LOOPBACK.map(address => `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`)
  // Whoever calls from another address of loopback may have chosen the port of a connection of this person's browser.
  const client = CLIENTS.includes(remoteAddress) ? at(remotePort) : []
  const server = at(localPort)
  let isTold = false
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', , , , , uid, , inode] = line.trim().split(/ {1,64}/)
    if (server.includes(local)) isTold = true
    // An end that was closed is nobody's any more, and its row says root.
    if (client.includes(local) && server.includes(remote)) return inode === '0' ? undefined : Number(uid)
  }
  return isTold ? undefined : 'untold'
}

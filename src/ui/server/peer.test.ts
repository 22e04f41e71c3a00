import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { isOwn, ownerIn } from './peer.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const LISTENS = '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1'
const row = (local: string, remote: string, uid: number) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 2 1`
const MAPPED = '0000000000000000FFFF00000100007F'
const ends = { remotePort: 0xd431, localPort: 0x1f90 }

describe('who has called', () => {
  for (const [name, table, want] of [
    ['a program of this person', [LISTENS, row('0100007F:D431', '0100007F:1F90', 1000)], 1000],
    ['a program of somebody else', [LISTENS, row('0100007F:D431', '0100007F:1F90', 1001)], 1001],
    ['by IPv6', [LISTENS, row(`${MAPPED}:D431`, `${MAPPED}:1F90`, 1001)], 1001],
    ['not by the end of the server', [LISTENS, row('0100007F:1F90', '0100007F:D431', 1000)], undefined],
    ['is not there', [LISTENS], undefined],
    ['is not told by an empty table', [], 'untold'],
  ] as const) {
    test(`${name}: ${want}`, () => assert.equal(ownerIn([HEAD, ...table].join('\n'), ends), want))
  }

  test('is told by the system of a real connection', { skip: process.platform !== 'linux' }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const client = connect(port, '127.0.0.1')
    const [socket] = (await once(server, 'connection')) as [Socket]
    assert.equal(await isOwn(socket), true)
    // Of root nobody is kept out.
    if (process.getuid?.() !== 0) assert.equal(await isOwn(socket, 4_000_000_000), false)
    client.destroy()
    server.close()
  })
})

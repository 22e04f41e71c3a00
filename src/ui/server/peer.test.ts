import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { isOwn, ownerIn } from './peer.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const LISTENS = '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1'
const row = (local: string, remote: string, uid: number, inode = 2) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1`
const MAPPED = '0000000000000000FFFF00000100007F'
const ends = { remoteAddress: '127.0.0.1', remotePort: 0xd431, localPort: 0x1f90 }

describe('who has called', () => {
  for (const [name, table, want] of [
    ['a program of this person', [LISTENS, row('0100007F:D431', '0100007F:1F90', 1000)], 1000],
    ['a program of somebody else', [LISTENS, row('0100007F:D431', '0100007F:1F90', 1001)], 1001],
    ['by IPv6', [LISTENS, row(`${MAPPED}:D431`, `${MAPPED}:1F90`, 1001)], 1001],
    ['not by the end of the server', [LISTENS, row('0100007F:1F90', '0100007F:D431', 1000)], undefined],
    ['is not there', [LISTENS], undefined],
    [
      'has closed its end, which the system then counts as of root',
      [LISTENS, row('0100007F:D431', '0100007F:1F90', 0, 0)],
      undefined,
    ],
    ['is not told by an empty table', [], 'untold'],
  ] as const) {
    test(`${name}: ${want}`, () => assert.equal(ownerIn([HEAD, ...table].join('\n'), ends), want))
  }

  test('is not whoever has the same port of another address of loopback', () => {
    const table = [
      HEAD,
      LISTENS,
      row('0100007F:D431', '0100007F:1F90', 1000),
      row('0200007F:D431', '0100007F:1F90', 1001),
    ]
    assert.equal(ownerIn(table.join('\n'), { ...ends, remoteAddress: '127.0.0.2' }), undefined)
    assert.equal(ownerIn(table.join('\n'), { ...ends, remoteAddress: '::ffff:127.0.0.1' }), 1000)
  })

  describe('of real connections', { skip: process.platform !== 'linux' && 'reads /proc of Linux' }, () => {
    const nobody = 4_000_000_000
    /** A server, one connection to it, and what makes more. */
    async function lab(t: TestContext) {
      const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const open = async (from: object = {}) => {
        const client = connect({ port, host: '127.0.0.1', ...from })
        const [socket] = (await once(server, 'connection')) as [Socket]
        t.after(() => {
          client.destroy()
          socket.destroy()
        })
        return { client, socket }
      }
      t.after(() => void server.close())
      return { open, ...(await open()) }
    }

    test('is told by the system', async t => {
      const { socket } = await lab(t)
      assert.equal(await isOwn(socket), true)
      // Of root nobody is kept out.
      if (process.getuid?.() !== 0) assert.equal(await isOwn(socket, nobody), false)
    })

    test('is not told by another one from the same port of 127.0.0.1', async t => {
      const { open, client } = await lab(t)
      const { socket } = await open({ localAddress: '127.0.0.2', localPort: client.localPort })
      assert.equal(socket.remotePort, client.localPort)
      assert.equal(await isOwn(socket), false)
    })

    test('is not root where the other end was closed', async t => {
      const { client, socket } = await lab(t)
      socket.resume()
      client.destroy()
      await once(socket, 'end')
      assert.equal(await isOwn(socket, nobody), false)
    })
  })
})

/** Who else may call the server: nobody. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { NAME, type Stage } from './parts.ts'

export function testGate(stage: () => Stage): void {
  describe('other pages, and programs, that call the server', () => {
    const refusedWith = async (path: string, init: RequestInit): Promise<number> =>
      (await stage().editor.fetch(path, init)).status

    test('the token is needed', async () => {
      assert.equal(await refusedWith('/api/trouble', { headers: { Authorization: '' } }), 401)
      assert.equal(await refusedWith('/api/changes', { headers: { Authorization: 'Bearer x' } }), 401)
      assert.equal((await stage().editor.fetch('/')).status, 200)
    })

    test('another origin may not post, also with the token', async () => {
      const body = JSON.stringify({ kind: 'store', namespace: NAME, name: 'models' })
      const headers = { Origin: 'https://evil.example', 'Content-Type': 'application/json' }
      const before = await stage().tenant.getStore('models')
      assert.equal(await refusedWith('/api/actions/verify', { method: 'POST', body, headers }), 403)
      const { metadata } = await stage().tenant.getStore('models')
      assert.equal(metadata.resourceVersion, before.metadata.resourceVersion)
    })

    test('a name that was rebound to the address is refused', async () => {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const { hostname, port } = stage().editor.url
        const headers = { Host: `evil.example:${port}`, Authorization: `Bearer ${stage().editor.token}` }
        request({ hostname, port, path: '/', headers }, answer => resolve(answer.resume().statusCode))
          .on('error', reject)
          .end()
      })
      assert.equal(status, 403)
    })
  })
}

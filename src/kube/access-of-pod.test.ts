import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, it, type TestContext } from 'node:test'
import { accessOfPod } from './access-of-pod.ts'
import { TransportError } from './errors.ts'

describe('the access of a pod', () => {
  let folder: string
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

  beforeEach(t => {
    folder = mkdtempSync(join(tmpdir(), 'pod-'))
    ;(t as TestContext).after(() => rmSync(folder, { recursive: true }))
    write('token', 'one\n')
    write('ca.crt', 'CA')
    write('namespace', 'artifact-store-system')
  })

  for (const { host, port, server } of [
    { host: '10.0.0.1', port: '443', server: 'https://10.0.0.1/' },
    { host: '10.0.0.1', port: '6443', server: 'https://10.0.0.1:6443/' },
    { host: 'fd00::1', port: '6443', server: 'https://[fd00::1]:6443/' },
    { host: 'kubernetes.default.svc', port: undefined, server: 'https://kubernetes.default.svc/' },
  ]) {
    it(`is at ${server}`, () => {
      const access = accessOfPod({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }, folder)
      assert.equal(access?.server.href, server)
      assert.equal(access.namespace, 'artifact-store-system')
      assert.equal(access.context, 'in-cluster')
    })
  }

  it('has the token and the CA of its files, also after kubelet has replaced them', async () => {
    const credentials = accessOfPod({ KUBERNETES_SERVICE_HOST: 'h' }, folder)?.credentials
    assert.ok(credentials)
    const first = await credentials.get()
    assert.deepEqual(first, { headers: { authorization: 'Bearer one' }, tls: { ca: Buffer.from('CA') } })
    write('token', 'two')
    assert.equal((await credentials.refresh(first)).headers.authorization, 'Bearer two')
  })

  it('is none outside of a pod, or without a token', () => {
    assert.equal(accessOfPod({}, folder), undefined)
    assert.equal(accessOfPod({ KUBERNETES_SERVICE_HOST: 'h' }, join(folder, 'absent')), undefined)
  })

  it('says which file is missing', async () => {
    rmSync(join(folder, 'ca.crt'))
    const credentials = accessOfPod({ KUBERNETES_SERVICE_HOST: 'h' }, folder)?.credentials
    await assert.rejects(
      async () => credentials?.get(),
      (error: Error) => {
        assert.ok(error instanceof TransportError)
        assert.match(error.message, /^credentials of context "in-cluster": ENOENT.*ca\.crt/)
        return true
      },
    )
  })
})

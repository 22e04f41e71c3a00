import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Access } from './access.ts'
import { type AccessOptions, loadAccess } from './load-access.ts'

const contextOf = (name: string) => ({ name, context: { cluster: 'c', user: 'u' } })
const config = {
  ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'chosen' },
  clusters: [{ name: 'c', cluster: { server: 'https://cluster.test' } }],
  users: [{ name: 'u', user: { token: 't' } }],
  contexts: [contextOf('chosen'), contextOf('prod')],
}
const inPod = () => ({ context: 'in-cluster' }) as Access

describe('the API server of a process in a pod', () => {
  const { KUBECONFIG } = process.env
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'access-'))
    process.env.KUBECONFIG = join(folder, 'config')
    writeFileSync(process.env.KUBECONFIG, JSON.stringify(config))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
    if (KUBECONFIG === undefined) delete process.env.KUBECONFIG
    else process.env.KUBECONFIG = KUBECONFIG
  })

  const cases: [name: string, options: () => AccessOptions, context: string][] = [
    ['is its own', () => ({}), 'in-cluster'],
    ['is that of a kubeconfig that is named', () => ({ kubeconfig: join(folder, 'config') }), 'chosen'],
    ['is that of a context that is named', () => ({ context: 'prod' }), 'prod'],
    ['is that of $KUBECONFIG for a program of people', () => ({ likeKubectl: true }), 'chosen'],
  ]
  for (const [name, options, context] of cases) {
    test(name, async () => assert.equal((await loadAccess(options(), inPod)).context, context))
  }

  test('is its own for a program of people where there is no kubeconfig', async () => {
    process.env.KUBECONFIG = join(folder, 'absent')
    assert.equal((await loadAccess({ likeKubectl: true }, inPod)).context, 'in-cluster')
  })

  test('is none where a context is named and there is no kubeconfig', async () => {
    process.env.KUBECONFIG = join(folder, 'absent')
    await assert.rejects(loadAccess({ context: 'prod' }, inPod), /no kubeconfig/)
  })
})

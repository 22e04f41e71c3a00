/** What persons with other rights see, and what they are told. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { StoreDetail } from '../../../src/ui/contract.ts'
import { UiProcess } from '../../support/ui-process.ts'
import { until } from '../../support/until.ts'
import { NAME, OTHER, person, type Stage, storeOf } from './parts.ts'

export function testRights(stage: () => Stage): void {
  /** Of a command that ends by itself. */
  const endedBy = (line: string, kubeconfig?: string) => {
    const signal = AbortSignal.timeout(60_000)
    return stage().cli.run(line, kubeconfig === undefined ? { signal } : { signal, kubeconfig })
  }

  describe('a person who may only look at one namespace', () => {
    let kubeconfig: string
    before(async () => {
      kubeconfig = await person(stage(), 'viewer', { [NAME]: ['artifact-store-viewer'] })
    })

    test('is told the right that is missing for all namespaces, with exit code 3', async () => {
      const { code, err } = await endedBy('ui -A', kubeconfig)
      assert.equal(code, 3)
      assert.match(
        err,
        /^you may not list serviceconnectors\.artifactstore\.dev in all namespaces: context "test": ask /,
      )
    })

    test('sees the ends of credentials from status, and what may not be seen is said', async () => {
      const ui = await UiProcess.start(stage().cli, `-n ${NAME}`, kubeconfig)
      try {
        const mirror = await ui.follow()
        const [secret] = storeOf(mirror, 'models')?.secrets ?? []
        assert.ok(secret?.expiresAt)
        assert.equal(secret.refreshAt, undefined)
        const denied = await until('the right to list Secrets is missing', () =>
          mirror.links.find(({ what, state }) => what === 'secrets' && state === 'Denied'),
        )
        assert.match(denied.words ?? '', /^you may not list secrets in namespace "ui-team"/)
        const { notes, events } = await ui.call<StoreDetail>(`/api/stores/${NAME}/models`)
        assert.equal(events, undefined)
        assert.match(notes.join(), /^events are not shown: you may not list events in namespace "ui-team"/)
      } finally {
        await ui.stop()
      }
    })

    test('may not change anything, and is told so', async () => {
      const ui = await UiProcess.start(stage().cli, `-n ${NAME}`, kubeconfig)
      try {
        const object = { kind: 'store', namespace: NAME, name: 'models' }
        const { status, code, words } = await ui.call('/api/actions/verify', object)
        assert.deepEqual([status, code], [403, 'Forbidden'])
        assert.match(words ?? '', /^you may not patch artifactstores\.artifactstore\.dev in namespace "ui-team"/)
        const elsewhere = await ui.call('/api/actions/verify', { kind: 'store', namespace: OTHER, name: 'theirs' })
        assert.deepEqual([elsewhere.status, elsewhere.code], [403, 'Forbidden'])
        assert.equal((await ui.call(`/api/stores/${OTHER}/theirs`)).status, 404)
      } finally {
        await ui.stop()
      }
    })

    test('sees the connector of another namespace that a store uses, where it may be read', async () => {
      const reader = await person(stage(), 'reader', {
        [NAME]: ['artifact-store-viewer'],
        [OTHER]: ['artifact-store-viewer'],
      })
      await stage().tenant.store('borrowed', { connectorRef: { name: 'minio', namespace: OTHER } })
      const ui = await UiProcess.start(stage().cli, `-n ${NAME}`, reader)
      try {
        const mirror = await ui.follow()
        await until('the other connector is there', () => mirror.connectors.has(`${OTHER}/minio`))
        assert.ok(!mirror.stores.has(`${OTHER}/theirs`))
      } finally {
        await ui.stop()
      }
    })
  })

  describe('an administrator', () => {
    test('sees all namespaces', async () => {
      const ui = await UiProcess.start(stage().cli, '-A')
      try {
        const mirror = await ui.follow()
        assert.ok(mirror.stores.has(`${NAME}/models`) && mirror.stores.has(`${OTHER}/theirs`))
        await until('the Secrets of all are known', () => mirror.stores.get(`${OTHER}/theirs`)?.secrets[0]?.refreshAt)
      } finally {
        assert.equal(await ui.stop(), 0)
      }
    })

    test('is told of a port that is in use, with exit code 2', async () => {
      const ui = await UiProcess.start(stage().cli, '-A')
      try {
        const { code, err } = await endedBy(`ui -A --port ${ui.url.port}`)
        assert.equal(code, 2)
        assert.match(err, /^port \d+ of 127\.0\.0\.1 can't be used: EADDRINUSE: give another --port, or none\n$/)
      } finally {
        await ui.stop()
      }
    })

    test('gets no data of it', async () => {
      const { code, err } = await endedBy('ui -A -o json')
      assert.equal(code, 2)
      assert.match(err, /^"ui" prints a URL, and no data: leave out -o/)
    })
  })
}

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Client, WatchEvent, WatchOptions } from '../../kube/client.ts'
import { ApiError, isGone, TransportError } from '../../kube/errors.ts'
import { ARTIFACT_STORES } from '../../kube/resource.ts'
import { Connection, worst } from './link.ts'

const forbidden = new ApiError(403, { message: 'stores is forbidden: User "ann" cannot watch' }, 'watch')
const silent = new TransportError('watch: silent')

/** A connection through a client whose list and watch do what these say. */
function connect(list: () => void, watch: (opened: () => void) => void) {
  let changes = 0
  const client = {
    async list() {
      list()
      return { items: [], resourceVersion: '1' }
    },
    async *watch(_: unknown, __: unknown, { onOpen }: WatchOptions): AsyncGenerator<WatchEvent<never>> {
      watch(() => onOpen?.())
    },
  } as unknown as Client
  const cluster = { where: 'context "test"', aheadMs: () => undefined }
  const onChange = () => {
    changes++
  }
  const pauses = { next: () => 0, reset() {} }
  const connection = new Connection(cluster, { resource: ARTIFACT_STORES, namespace: 'ml' }, onChange, pauses)
  const through = connection.through(client)
  return {
    connection,
    changes: () => changes,
    list: () => through.list(ARTIFACT_STORES, 'ml'),
    async watch() {
      const signal = new AbortController().signal
      const options = { resourceVersion: '1', timeoutSeconds: 1, idleTimeoutMs: 1, signal }
      for await (const _ of through.watch(ARTIFACT_STORES, 'ml', options));
    },
  }
}
const fail = (error: Error) => () => {
  throw error
}

describe('a connection', () => {
  test('that broke is live again once a watch has begun, without an event', async () => {
    const { connection, watch, changes } = connect(
      () => {},
      opened => opened(),
    )
    connection.failed(silent, 'watch')
    assert.deepEqual(connection.health.state, 'Broken')
    await watch()
    assert.deepEqual(connection.health, { state: 'Live' })
    assert.equal(changes(), 2)
  })

  test('whose list works is not live while its watch does not begin', async () => {
    const { connection, list } = connect(
      () => {},
      () => {},
    )
    connection.failed(silent, 'list')
    await list()
    assert.equal(connection.health.state, 'Live')
    connection.failed(silent, 'watch')
    await list()
    assert.equal(connection.health.state, 'Broken')
  })

  test('of a person who may list and not watch says so, and is listed again', async () => {
    const { connection, watch } = connect(() => {}, fail(forbidden))
    await assert.rejects(watch(), isGone)
    assert.equal(connection.health.state, 'Denied')
    assert.match(
      connection.health.words ?? '',
      /^you may not watch artifactstores\.artifactstore\.dev in namespace "ml"/,
    )
    assert.match(connection.health.words ?? '', /kubectl create rolebinding .* --user=ann$/)
  })

  test('hands on what else breaks a watch, and says nothing of one that has expired', async () => {
    const { connection, watch, changes } = connect(() => {}, fail(silent))
    await assert.rejects(watch(), silent)
    connection.failed(new ApiError(410, {}, 'watch'), 'watch')
    assert.equal(changes(), 0)
  })

  test('says since when it is not live, whatever else fails meanwhile', async () => {
    const { connection, watch } = connect(
      () => {},
      opened => opened(),
    )
    connection.failed(silent, 'watch')
    const { since } = connection.health
    assert.ok(Math.abs(Date.parse(since ?? '') - Date.now()) < 60_000, since)
    connection.failed(forbidden, 'list')
    assert.deepEqual([connection.health.state, connection.health.since], ['Denied', since])
    await watch()
    assert.equal(connection.health.since, undefined)
  })

  test('that may not list says so before it waits', async () => {
    const { connection, list } = connect(fail(forbidden), () => {})
    const listed = assert.rejects(list(), forbidden)
    await Promise.resolve()
    assert.equal(connection.health.state, 'Denied')
    await listed
  })

  test('that only seems to be live is broken by what is known of the API server', async () => {
    const { connection, watch } = connect(
      () => {},
      opened => {
        opened()
        connection.interrupt(silent)
      },
    )
    await assert.rejects(watch(), silent)
  })

  test('of several the worst is told', () => {
    assert.equal(worst([]).state, 'Live')
    assert.equal(worst([{ state: 'Live' }, { state: 'Denied' }, { state: 'Broken' }]).state, 'Denied')
  })
})

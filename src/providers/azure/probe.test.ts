import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  account,
  asked as azureAsked,
  CONDITION,
  DENIED,
  fakeCalls,
  NO_BLOB,
  NO_CONTAINER,
  none,
  OK,
} from '../../../test/support/azure.ts'
import { isFailure } from '../../api/failures.ts'
import type { Answer } from '../network/answer.ts'
import type { ProbeRequest } from '../provider.ts'
import { concludeProbe } from './conclude-probe.ts'
import { READ_TAGS, WRITE_TAGS } from './permissions.ts'
import { probe } from './probe.ts'

const request: ProbeRequest = {
  location: { bucket: 'data', prefix: 'team/', uri: 'az://data/team' },
  encryption: { type: 'None' },
  writeProbe: 'Multipart',
  probeId: 'uid-1',
  required: [],
}
const answers = { listBlobs: OK, headBlob: NO_BLOB, putNothing: CONDITION, deleteBlob: NO_BLOB, putBlob: OK }

describe('probe', () => {
  const cases: [name: string, change: Partial<ProbeRequest>, made: string[]][] = [
    ['writes nothing', {}, ['listBlobs', 'headBlob', 'putNothing', 'deleteBlob']],
    ['writes a blob and deletes it', { writeProbe: 'Object' }, ['listBlobs', 'headBlob', 'putBlob', 'deleteBlob']],
    ['does not try to write', { writeProbe: 'None' }, ['listBlobs', 'headBlob', 'deleteBlob']],
    [
      'asks for tags where they are required',
      { required: [READ_TAGS, WRITE_TAGS] },
      ['listBlobs', 'headBlob', 'putNothing', 'deleteBlob', 'getTags', 'setTags'],
    ],
  ]
  for (const [name, change, made] of cases) {
    test(name, async () => {
      const calls = fakeCalls({ ...answers, getTags: NO_BLOB, setTags: DENIED })
      await probe(calls, { ...request, ...change }, undefined, none)
      assert.deepEqual(calls.made.toSorted(), made.toSorted())
    })
  }

  test('nothing is written where there is no container: a service might create it', async () => {
    const calls = fakeCalls({ ...answers, listBlobs: NO_CONTAINER })
    await probe(calls, request, undefined, none)
    await probe(calls, { ...request, writeProbe: 'Object' }, undefined, none)
    assert.deepEqual(calls.made.toSorted(), ['headBlob', 'headBlob', 'listBlobs', 'listBlobs'])
  })

  test('who may not list may still write', async () => {
    const calls = fakeCalls({ ...answers, listBlobs: DENIED })
    await probe(calls, request, undefined, none)
    assert.ok(calls.made.includes('putNothing'))
  })

  test('the blob of a probe is below the path, and the same each time', async () => {
    const blobs = new Set<string>()
    const seen = ({ container, blob }: { container: string; blob: string }) => {
      blobs.add(`${container}/${blob}`)
      return NO_BLOB
    }
    const calls = fakeCalls({ ...answers, headBlob: seen, putNothing: seen, deleteBlob: seen })
    await probe(calls, request, undefined, none)
    assert.deepEqual([...blobs], ['data/team/.artifactstore-probe-uid-1'])
  })

  test('a blob is removed from a service that ignores conditions', async () => {
    const calls = fakeCalls({ ...answers, putNothing: OK })
    await probe(calls, request, undefined, none)
    assert.equal(calls.made.filter(name => name === 'deleteBlob').length, 2)
    assert.ok(calls.made.lastIndexOf('deleteBlob') > calls.made.indexOf('putNothing'))
  })

  const kept: [name: string, writeProbe: ProbeRequest['writeProbe'], put: Answer, left: boolean][] = [
    ['of a service that ignores conditions', 'Multipart', OK, true],
    ['with writeProbe Object', 'Object', CONDITION, true],
    ['but not where nothing was written', 'Multipart', CONDITION, false],
  ]
  for (const [name, writeProbe, putNothing, isLeft] of kept) {
    test(`a blob that may not be removed is said to be left behind: ${name}`, async () => {
      const calls = fakeCalls({ ...answers, putNothing, deleteBlob: DENIED })
      const asked = { ...request, writeProbe }
      const found = concludeProbe(await probe(calls, asked, undefined, none), asked, azureAsked(account))
      assert.ok(!isFailure(found))
      const expected = /^blob "team\/\.artifactstore-probe-uid-1" of a probe is left behind: remove it/
      if (isLeft) assert.match(found.leftBehind ?? '', expected)
      else assert.equal(found.leftBehind, undefined)
    })
  }

  test('a blob is removed also when the caller has given up', async () => {
    const controller = new AbortController()
    const calls = fakeCalls({
      ...answers,
      putBlob() {
        controller.abort(new Error('worker stopped'))
        return OK
      },
      deleteBlob(_target, signal) {
        assert.ok(!signal.aborted)
        return OK
      },
    })
    await assert.rejects(
      probe(calls, { ...request, writeProbe: 'Object' }, undefined, controller.signal),
      /worker stopped/,
    )
    assert.ok(calls.made.includes('deleteBlob'))
  })

  test('a bug in one call is thrown only when the other calls have ended', async () => {
    let ended = false
    const calls = fakeCalls({ ...answers, headBlob: undefined as never })
    const slow = {
      ...calls,
      listBlobs: async () => {
        await new Promise(setImmediate)
        ended = true
        return OK
      },
    }
    const mixed = new Proxy(calls, {
      get: (target, name) => (name === 'listBlobs' ? slow.listBlobs : Reflect.get(target, name)),
    })
    await assert.rejects(probe(mixed, request, undefined, none), /unexpected call of headBlob/)
    assert.ok(ended)
  })
})

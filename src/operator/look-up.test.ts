import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../api/failures.ts'
import { CREDENTIALS_LABEL } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { LookUp } from '../connectors/look-up.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { createLookUp, type LateCaches } from './look-up.ts'
import { ReferencedValues } from './referenced-values.ts'

const MISSING = { namespace: 'ml', name: 'keys', field: 'spec' }
const object = (labels: Record<string, string>): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Any' },
  metadata: { name: 'keys', namespace: 'ml', uid: 'u', resourceVersion: '1', labels },
})
const labelled = object({ [CREDENTIALS_LABEL]: 'true' })
const plain = object({})
const METADATA = 'metadata'
const WHOLE = 'whole'

/** Makes a look-up. `answers` are those of the API server, one for each call. */
function setUp(answers: (KubeObject | undefined)[], known?: KubeObject) {
  const calls: string[] = []
  const observed: string[] = []
  const cache = (name: string) => ({
    observe: () => observed.push(name),
    cache: { get: () => known },
  })
  const names = ['secrets', 'configMaps', 'serviceAccounts']
  const caches = Object.fromEntries(names.map(name => [name, cache(name)])) as unknown as LateCaches
  const get = async (_resource: unknown, _namespace: unknown, _name: unknown, options?: { metadataOnly?: boolean }) => {
    calls.push(options?.metadataOnly ? METADATA : WHOLE)
    const answer = answers.shift()
    if (!answer) throw new ApiError(404, { reason: 'NotFound' }, 'get')
    return answer as never
  }
  const values = new ReferencedValues({ client: { get } })
  return { lookUp: createLookUp({ get }, caches, values), caches, calls, observed }
}

type Kind = Parameters<LookUp>[0]['kind']

test('an API server that does not answer is trouble that passes', async () => {
  for (const error of [new ApiError(500, {}, 'get'), new TransportError('no answer')]) {
    const { caches } = setUp([])
    const client = { get: () => Promise.reject(error) }
    const failure = await createLookUp(
      client,
      caches,
      new ReferencedValues({ client }),
    )({ ...MISSING, kind: 'Secret' }, AbortSignal.timeout(5_000))
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.intent, failure.reason], ['transient', 'ReferenceNotRead'])
    assert.match(failure.message, /^Secret "ml\/keys" could not be read/)
  }
})

describe('an object that the caches lack', () => {
  const cases: [
    name: string,
    kind: Kind,
    answers: (KubeObject | undefined)[],
    presence: string,
    calls: string[],
    observed: string[],
  ][] = [
    ['is absent', 'Secret', [undefined], 'absent', [METADATA], []],
    ['is unlabelled, and its data is not read', 'Secret', [plain], 'unlabelled', [METADATA], []],
    ['is late', 'Secret', [labelled, labelled], 'cached', [METADATA, WHOLE], ['secrets']],
    ['is a late ConfigMap', 'ConfigMap', [labelled, labelled], 'cached', [METADATA, WHOLE], ['configMaps']],
    ['has lost its label meanwhile', 'Secret', [labelled, plain], 'unlabelled', [METADATA, WHOLE], []],
    ['has gone meanwhile', 'Secret', [labelled, undefined], 'absent', [METADATA, WHOLE], []],
    [
      'is a late ServiceAccount, which needs no label',
      'ServiceAccount',
      [plain],
      'cached',
      [METADATA],
      ['serviceAccounts'],
    ],
    ['is an absent ServiceAccount', 'ServiceAccount', [undefined], 'absent', [METADATA], []],
  ]
  for (const [name, kind, answers, presence, calls, observed] of cases) {
    test(name, async () => {
      const lab = setUp(answers)
      assert.equal(await lab.lookUp({ ...MISSING, kind }, AbortSignal.timeout(5_000)), presence)
      assert.deepEqual([lab.calls, lab.observed], [calls, observed])
    })
  }
})

test('an object that the watch has shown is read at once, and for its label again', async () => {
  for (const [answer, presence] of [
    [labelled, 'cached'],
    [plain, 'unlabelled'],
  ] as const) {
    const lab = setUp([answer], labelled)
    assert.equal(await lab.lookUp({ ...MISSING, kind: 'Secret' }, AbortSignal.timeout(5_000)), presence)
    assert.deepEqual(lab.calls, [WHOLE])
  }
})

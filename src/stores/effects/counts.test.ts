import assert from 'node:assert/strict'
import { test } from 'node:test'
import { served } from '../../../test/support/observations.ts'
import { stalled, waiting } from '../../api/failures.ts'
import { countPermissions, countProjections } from './counts.ts'
import { type Projection, UNFINISHED } from './projection.ts'

const denied = stalled('PermissionDenied', '')
const { target } = served

test('permissions are counted that a call has tried: specs may name any', () => {
  const counted: string[] = []
  countPermissions({ probed: (action, result) => counted.push(`${action} ${result}`) }, [
    { action: 's3:GetObject', result: 'Allowed', probe: 'HeadObject of an absent key' },
    { action: 's3:Anything', result: 'Unknown' },
  ])
  assert.deepEqual(counted, ['s3:GetObject Allowed'])
})

const cases: [name: string, projection: Projection, counted: string[]][] = [
  ['what was written is counted', { ...served, isWritten: true }, ['refreshed']],
  ['a refresh is counted with its lag', { ...served, isWritten: true, lateMs: 5 }, ['refreshed', '5 ms late']],
  ['a failure is counted with its reason', { ...served, failure: denied }, ['PermissionDenied']],
  ['what needs nothing is not counted', served, []],
  ['what waits for its turn is not counted', { ...served, failure: waiting(UNFINISHED, '') }, []],
  ['what can’t be is not counted', { ...served, target: { ...target, impossible: denied }, failure: denied }, []],
]
for (const [name, projection, expected] of cases) {
  test(`of projections, ${name}`, () => {
    const counted: string[] = []
    const refreshed = (failure?: string) => counted.push(failure ?? 'refreshed')
    countProjections({ refreshed, refreshLag: ms => counted.push(`${ms} ms late`) }, [projection])
    assert.deepEqual(counted, expected)
  })
}

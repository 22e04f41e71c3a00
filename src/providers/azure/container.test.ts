import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  asked,
  BUSY,
  DENIED,
  fakeCalls,
  NO_CONTAINER,
  none,
  OK,
  resultOf,
  workload,
} from '../../../test/support/azure.ts'
import { isFailure } from '../../api/failures.ts'
import type { Answer } from '../network/answer.ts'
import { prepareContainer } from './container.ts'

const location = { bucket: 'data', prefix: '', uri: 'az://data' }

describe('prepareContainer', () => {
  const cases: [name: string, create: boolean, found: Answer, created: Answer, expected: string, made: string[]][] = [
    ['makes no call when it is asked for nothing', false, OK, OK, '', []],
    ['changes nothing where the container is there', true, OK, OK, '', ['listBlobs']],
    [
      'changes nothing where it may not look, and leaves it to the probe to say so',
      true,
      DENIED,
      OK,
      '',
      ['listBlobs'],
    ],
    [
      'creates a container that is not there',
      true,
      NO_CONTAINER,
      OK,
      'created the container',
      ['listBlobs', 'createContainer'],
    ],
    [
      'changes nothing where somebody else was faster',
      true,
      NO_CONTAINER,
      { status: 409, code: 'ContainerAlreadyExists' },
      '',
      ['listBlobs', 'createContainer'],
    ],
    [
      'fails without the right to create',
      true,
      NO_CONTAINER,
      DENIED,
      'stalled PermissionDenied',
      ['listBlobs', 'createContainer'],
    ],
    [
      'waits for the deletion of the old container',
      true,
      NO_CONTAINER,
      { status: 409, code: 'ContainerBeingDeleted' },
      'transient ContainerBeingDeleted',
      ['listBlobs', 'createContainer'],
    ],
    [
      'fails when the service refuses for another reason',
      true,
      NO_CONTAINER,
      { status: 400, code: 'OutOfRangeInput' },
      'stalled ContainerNotCreated',
      ['listBlobs', 'createContainer'],
    ],
    ['waits for a busy service', true, BUSY, OK, 'transient Throttled', ['listBlobs']],
  ]
  for (const [name, create, found, created, expected, made] of cases) {
    test(name, async () => {
      const calls = fakeCalls({ listBlobs: found, createContainer: created })
      const result = await prepareContainer(calls, { location, create, ruleId: 'r' }, asked(workload), none)
      assert.equal(isFailure(result) ? resultOf(result) : result.changes.join(), expected)
      assert.deepEqual(calls.made, made)
    })
  }
})

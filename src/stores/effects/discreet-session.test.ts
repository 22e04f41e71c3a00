import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeSession } from '../../../test/support/objects.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import type { Isolation } from '../../providers/isolation.ts'
import type { TrialRequest } from '../../providers/provider.ts'
import { createLog } from '../../telemetry/log.ts'
import { discreetSession } from './discreet-session.ts'

test('an error of a call for a borrower is logged with its message, and without the response of an SDK', async () => {
  const written: string[] = []
  const log = createLog({ level: 'info', destination: { write: line => void written.push(line) } })
  const error = Object.assign(new Error('host lender.example refused'), {
    $response: { headers: { 'x-custom': 'of-the-response' }, body: 'of-the-response' },
  })
  const session = fakeSession({ resources: () => Promise.reject(error) })
  const discreet = discreetSession(session, { connector: 'platform/minio' }, log)

  await assert.rejects(
    () => discreet.resources({ patterns: [], max: 1 }, new AbortController().signal),
    ({ message }: Error) => !message.includes('lender.example'),
  )
  const [line = ''] = written
  const { connector, err } = JSON.parse(line)
  assert.deepEqual([written.length, connector, err?.message], [1, 'platform/minio', error.message])
  assert.ok(!line.includes('of-the-response'), line)
  assert.ok(!line.includes('$response'), line)
})

describe('of a trial of credentials, a borrower', () => {
  const identity = {
    connector: 'platform/minio',
    confidential: (): [string, string][] => [['lender.example', 'its endpoint']],
  } as const
  const silent = { warn: () => undefined }
  const asked = async (found: Isolation | Failure) => {
    const session = fakeSession({ tryIssued: async () => found })
    return discreetSession(session, identity, silent).tryIssued({} as TrialRequest, new AbortController().signal)
  }

  test('is told what it has shown', async () => {
    const found: Isolation = {
      ...{ kind: 'isolation', result: 'False', detail: 'write', holdsFor: 'bucket' },
      identityReaches: { bucket: 'data' },
    }
    assert.deepEqual(await asked(found), found)
  })

  test('is told that credentials were refused, and not whose they are, where, or in which words', async () => {
    const why = 'credentials of lender.example may not, although arn:aws:iam::1:role/x may'
    const failure = await asked(stalled('IssuedCredentialsRefused', `${why} (the service says: "no, lender.example")`))
    assert.deepEqual(
      failure,
      stalled(
        'IssuedCredentialsRefused',
        'ServiceConnector "platform/minio": IssuedCredentialsRefused: its owner can see why',
      ),
    )
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeSession } from '../../../test/support/objects.ts'
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

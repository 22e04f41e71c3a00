import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isolationOf } from '../../isolation.ts'
import type { TrialRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import { type TrialCalls, tryCredentials } from './trial.ts'

const OK: Answer = { status: 200 }
const DENIED: Answer = { status: 403, code: 'AccessDenied' }
const none = new AbortController().signal

/** Calls with the same answer to each, which note what was written. */
function calls(answer: Answer, overrides: Partial<TrialCalls> = {}) {
  const written: string[] = []
  const always = async () => answer as Answer<never>
  const putObject: TrialCalls['putObject'] = async ({ key }) => {
    written.push(key)
    return answer as Answer<never>
  }
  const reading = { listObjects: always, headObject: always, listBuckets: always }
  return { written, ...reading, putObject, deleteObject: always, deleteVersion: always, ...overrides }
}

describe('issued credentials of a store that wants nothing to be written', () => {
  for (const access of ['ReadWrite', 'ReadOnly', 'WriteOnly'] as const) {
    test(`are tried without a write (${access}), and so are not known to be isolated`, async () => {
      const request: TrialRequest = {
        location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
        ...{ access, encryption: { type: 'None' }, proven: ['s3:ListBucket', 's3:PutObject'], trialId: 'u' },
        ...{ mayWrite: false, grant: {} as TrialRequest['grant'] },
      }
      const [own, issued] = [
        calls(OK),
        calls(DENIED, {
          listObjects: async (_, prefix) =>
            (prefix === 'prod/' && access !== 'WriteOnly' ? OK : DENIED) as Answer<never>,
        }),
      ]
      const answers = await tryCredentials({ own, issued, region: 'eu-west-1' }, request, none)
      const { result, detail } = isolationOf(answers, request.location, ({ status }) => status === 403)
      assert.deepEqual([result, issued.written], ['Unknown', []])
      assert.match(detail ?? '', /spec\.verification\.writeProbe: None keeps it from being tried$/)
    })
  }
})

test('an object that a service takes from issued credentials, and that nobody can remove, is said to be left behind', async () => {
  const request: TrialRequest = {
    location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
    ...{ access: 'WriteOnly', encryption: { type: 'None' }, proven: ['s3:PutObject'], trialId: 'u' },
    ...{ mayWrite: true, grant: {} as TrialRequest['grant'] },
  }
  const leftBehind = async (removal: Answer) => {
    const always = async () => removal as Answer<never>
    const own = calls(OK, { deleteObject: always, deleteVersion: always })
    const issued = calls(DENIED, {
      putObject: async ({ key }) => (key.startsWith('prod/') ? OK : DENIED) as Answer<never>,
    })
    const answers = await tryCredentials({ own, issued, region: 'eu-west-1' }, request, none)
    return isolationOf(answers, request.location, ({ status }) => status === 403).leftBehind
  }
  assert.match(
    (await leftBehind(DENIED)) ?? '',
    /^object "prod\/\.artifactstore-trial-u" of a trial of credentials is left behind: remove it/,
  )
  assert.equal(await leftBehind(OK), undefined)
})

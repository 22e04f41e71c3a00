import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../api/failures.ts'
import type { Isolation, TrialAnswers } from '../isolation.ts'
import type { Answer } from '../network/answer.ts'
import type { TrialRequest } from '../provider.ts'
import { concludeTrial } from './conclude-trial.ts'
import { LIST } from './permissions.ts'
import { type TrialCalls, tryTokens } from './trial.ts'

const OK: Answer = { status: 200 }
const NOT_FOUND: Answer = { status: 404, code: 'BlobNotFound' }
const UNMET: Answer = { status: 412, code: 'ConditionNotMet' }
const MISMATCH: Answer = { status: 403, code: 'AuthorizationPermissionMismatch' }
const DEPTH: Answer = { status: 403, code: 'AuthenticationFailed', message: 'sig=hush Signed Directory Depth Invalid' }
const none = new AbortController().signal

const request = (access: TrialRequest['access'] = 'ReadWrite'): TrialRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 'az://ml/prod' },
  ...{ access, encryption: { type: 'None' }, proven: [LIST], trialId: 'u', mayWrite: true },
  grant: {} as TrialRequest['grant'],
})

const conclude = (answers: TrialAnswers) =>
  concludeTrial(answers, request(), { who: 'client "a"', secrets: ['sig=hush', 'hush'] })

/** Calls with the same answer to each, unless said otherwise. */
const calls = (answer: Answer, overrides: Partial<TrialCalls> = {}): TrialCalls => {
  const always = async () => answer as Answer<never>
  const all = { listBlobs: always, headBlob: always, putNothing: always, deleteBlob: always, containerPage: always }
  return { ...all, ...overrides }
}
const below = (name: string) => name.startsWith('prod/')
/** A token to the directory: what it gives below, and a refusal beside. */
const directory = (list: Answer, read: Answer) =>
  calls(MISMATCH, {
    listBlobs: async (_, prefix) => (below(prefix) ? list : DEPTH),
    headBlob: async ({ blob }) => (below(blob) ? read : DEPTH),
  })

async function tried(issued: TrialCalls, access?: TrialRequest['access']) {
  const answers = await tryTokens({ own: calls(OK), issued }, request(access), none)
  return concludeTrial(answers, request(access), { who: 'client "a"', secrets: ['sig=hush', 'hush'] })
}

describe('a SAS token that may not do what it must', () => {
  test('is refused, with where, who, and the words of the service, but without the token', () => {
    const failure = conclude({ must: { action: LIST, answer: DEPTH }, ownList: OK, tried: [] })
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.reason, failure.intent], ['IssuedCredentialsRefused', 'stalled'])
    assert.match(
      failure.message,
      /^az:\/\/ml\/prod: .*\(ReadWrite\) may not .*Blob\.List, although client "a" may: HTTP 403/,
    )
    assert.match(failure.message, /\(the service says: ".*Signed Directory Depth Invalid"\): check that/)
    assert.doesNotMatch(failure.message, /hush/)
  })

  test('is refused where it neither lists nor reads', async () => {
    assert.ok(isFailure(await tried(calls(MISMATCH))))
  })

  for (const [name, read] of [
    ['tells that a blob below its directory is absent', NOT_FOUND],
    ['shows a blob below its directory', OK],
  ] as const) {
    test(`is given out where it ${name}, though it is not known to be isolated`, async () => {
      const found = await tried(directory(MISMATCH, read))
      assert.ok(!isFailure(found), JSON.stringify(found))
      assert.deepEqual(
        [found.result, found.detail],
        ['Unknown', 'whether they work: the service answered HTTP 403 AuthorizationPermissionMismatch'],
      )
    })
  }
})

describe('a SAS token that is not refused', () => {
  const cases: [name: string, issued: TrialCalls, access: TrialRequest['access'], result: Isolation['result']][] = [
    ['to a directory, which is held to it', directory(OK, NOT_FOUND), 'ReadWrite', 'True'],
    ['to read a directory, which is held to it', directory(OK, NOT_FOUND), 'ReadOnly', 'True'],
    ['to the whole container', calls(OK, { headBlob: async () => NOT_FOUND }), 'ReadWrite', 'False'],
    [
      'that may write, though it is to read',
      { ...directory(OK, OK), putNothing: async () => UNMET },
      'ReadOnly',
      'False',
    ],
    [
      'to write, whose list is refused as it must be',
      calls(MISMATCH, { putNothing: writesBelow }),
      'WriteOnly',
      'True',
    ],
  ]
  for (const [name, issued, access, result] of cases) {
    test(`${name} is isolated: ${result}`, async () => {
      const found = await tried(issued, access)
      assert.ok(!isFailure(found), JSON.stringify(found))
      assert.equal(found.result, result)
    })
  }
})

async function writesBelow({ blob }: { blob: string }): Promise<Answer> {
  return below(blob) ? UNMET : DEPTH
}

describe('a SAS token of a store that wants nothing to be written', () => {
  for (const access of ['ReadWrite', 'ReadOnly', 'WriteOnly'] as const) {
    test(`is tried without a write (${access}), and so is not known to be isolated`, async () => {
      let writes = 0
      const issued = calls(MISMATCH, {
        listBlobs: async (_, prefix) => (below(prefix) && access !== 'WriteOnly' ? OK : DEPTH),
        putNothing: async () => {
          writes++
          return OK
        },
      })
      const asked = { ...request(access), mayWrite: false }
      const found = concludeTrial(await tryTokens({ own: calls(OK), issued }, asked, none), asked, {
        who: 'a',
        secrets: [],
      })
      assert.ok(!isFailure(found), JSON.stringify(found))
      assert.deepEqual([found.result, writes], ['Unknown', 0])
      assert.match(found.detail ?? '', /spec\.verification\.writeProbe: None keeps it from being tried$/)
    })
  }
})

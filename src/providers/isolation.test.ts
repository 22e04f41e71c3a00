import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { besides, concludeTried, isolationOf, type TrialAnswers, type Tried } from './isolation.ts'
import type { Answer } from './network/answer.ts'

const tried = (question: Tried['question'], shows: Tried['shows'], status = 403): Tried => ({
  ...{ question, shows },
  answer: { status },
})

describe('what a trial concludes', () => {
  const cases: [name: string, tried: Tried[], result: string, detail?: string][] = [
    ['nothing to ask', [], 'True'],
    ['only refusals', [tried('listOutside', 'refused'), tried('write', 'refused')], 'True'],
    ['one reach', [tried('listOutside', 'refused'), tried('write', 'reached')], 'False', 'write'],
    [
      'the same reach twice, of credentials and of the identity',
      [tried('listOutside', 'reached'), tried('listOutside', 'reached')],
      'False',
      'list outside of their prefix',
    ],
    ['a reach beside what is unclear', [tried('write', 'unclear', 501), tried('delete', 'reached')], 'False', 'delete'],
    [
      'an unclear answer beside refusals',
      [tried('write', 'unclear', 501), tried('delete', 'refused')],
      'Unknown',
      'whether they may write: the service answered HTTP 501',
    ],
  ]
  for (const [name, given, result, detail] of cases) {
    test(`is ${result} for ${name}`, () => {
      const found = concludeTried(given)
      assert.deepEqual([found.result, found.detail], [result, detail])
    })
  }
})

test('the prefix beside another one begins with the same letters, and is not below it', () => {
  assert.equal(besides('team/run/').startsWith('team/run'), true)
  assert.equal(besides('team/run/').startsWith('team/run/'), false)
})

describe('what the answers of a trial show', () => {
  const OK = { status: 200 }
  const NOT_FOUND = { status: 404 }
  const DENIED = { status: 403, code: 'AccessDenied' }
  const ODD = { status: 501, code: 'NotImplemented' }
  const outside = (list: Answer, read = list, write = list): TrialAnswers['tried'] => [
    { question: 'listOutside', answer: list },
    { question: 'readOutside', answer: read },
    { question: 'writeOutside', answer: write },
  ]
  const must = (answer: Answer) => ({ action: 'list', answer })

  const cases: [name: string, answers: Partial<TrialAnswers>, shown: string, prefix?: string][] = [
    ['all is refused outside', { tried: outside(DENIED) }, 'True undefined bucket'],
    [
      'absence is told to who reads, and to nobody else',
      { tried: outside(NOT_FOUND, NOT_FOUND) },
      'False read outside of their prefix prefix',
    ],
    [
      'a list outside shows it of all prefixes',
      { tried: outside(OK, DENIED) },
      'False list outside of their prefix, write outside of their prefix bucket',
    ],
    [
      'a bucket without a prefix has no outside',
      { tried: [{ question: 'delete', answer: NOT_FOUND }] },
      ...(['False delete bucket', ''] as const),
    ],
    [
      'an identity that is held to its prefix shows nothing of others',
      { ownList: DENIED, tried: outside(DENIED) },
      'True undefined prefix',
    ],
    [
      'an answer that tells nothing',
      { tried: outside(DENIED, DENIED, ODD) },
      'Unknown whether they may write outside of their prefix: the service answered HTTP 501 NotImplemented prefix',
    ],
    [
      'what they must be able to do is not clear',
      { must: must(ODD), tried: outside(DENIED) },
      'Unknown whether they work: the service answered HTTP 501 NotImplemented bucket',
    ],
    [
      'no answer came to what they must be able to do',
      { must: must({ status: 0, code: 'ECONNRESET' }) },
      'Unknown whether they work: no answer (ECONNRESET) bucket',
    ],
    [
      'a reach counts, also where it is not clear whether they work',
      { must: must(ODD), tried: outside(DENIED, DENIED, OK) },
      'False write outside of their prefix prefix',
    ],
  ]
  for (const [name, answers, shown, prefix = 'team/'] of cases) {
    test(name, () => {
      const all = { must: must(OK), ownList: OK, tried: [], ...answers }
      const found = isolationOf(all, { bucket: 'data', prefix }, ({ status }) => status === 403)
      assert.equal(`${found.result} ${found.detail} ${found.holdsFor}`, shown)
    })
  }

  test('what the identity reaches itself is told apart', () => {
    const reaches = (answers: Partial<TrialAnswers>) =>
      isolationOf({ ownList: OK, tried: [], ...answers }, { bucket: 'data', prefix: 'a/' }, () => true).identityReaches
    assert.deepEqual(reaches({ elsewhere: 'other' }), { bucket: 'data', elsewhere: 'other' })
    assert.deepEqual(reaches({ ownList: DENIED }), {})
  })
})

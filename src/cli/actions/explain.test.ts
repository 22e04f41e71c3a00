import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ALERTS, CONSUMERS, FORMATS, REASONS } from '../known/index.ts'
import { colourless } from '../text/style.ts'
import { widthOf } from '../text/width.ts'
import { explain } from './explain.ts'

const linesOf = async (word: string, width = 80) =>
  (await explain({ arguments: [word] })).lines({ width, paint: colourless })

describe('explain', () => {
  test('knows the reasons of both clouds, whatever their case', async () => {
    const { data } = await explain({ arguments: ['issuerunreachable'] })
    assert.deepEqual(
      (data as { reasons: { cloud: string }[] }).reasons.map(({ cloud }) => cloud),
      ['S3', 'Azure'],
    )
  })

  test('fits the terminal', async () => {
    for (const { name } of ALERTS) {
      for (const line of await linesOf(name, 60)) assert.ok(widthOf(line) <= 60, line)
    }
  })

  test('lists all without a name', async () => {
    const { names } = await explain({ arguments: [] })
    assert.ok(names.includes('BucketNotFound') && names.includes('ArtifactStoreNotReady'))
  })

  for (const [word, cure] of [
    ['BucketNotFond', /did you mean BucketNotFound\b/],
    ['trusted', /did you mean .*NotTrusted/],
    ['nothing like it', /list all of them/],
    ['x'.repeat(100_000), /list all of them/],
  ] as const) {
    test(`of "${word.slice(0, 20)}" says what could be meant`, () =>
      assert.rejects(explain({ arguments: [word] }), { code: 2, message: cure }))
  }
})

test('what the program knows is complete', () => {
  assert.ok(REASONS.length > 150)
  assert.ok(FORMATS.length >= 10 && CONSUMERS.length >= 15 && ALERTS.length >= 12)
  for (const row of REASONS) assert.ok(row.cause && row.cure, row.reason)
  for (const row of ALERTS) assert.ok(row.symptom && row.meaning && row.severity && row.cures.length > 0, row.name)
  for (const row of FORMATS) assert.ok(row.clouds.length > 0 && row.keys.length > 0, row.format)
})

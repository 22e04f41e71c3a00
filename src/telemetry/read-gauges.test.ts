import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Sample, textOf } from './read-gauges.ts'

const text = (readings: Parameters<typeof textOf>[0]) => Buffer.concat(textOf(readings, 'a_')).toString()

test('a gauge without values is still told of', () => {
  const lines = text({}).split('\n')
  assert.ok(lines.includes('# TYPE a_store_ready gauge'))
  assert.ok(lines.some(line => line.startsWith('# HELP a_usage_bytes Bytes in the store')))
  assert.equal(lines.filter(line => line && !line.startsWith('#')).length, 0)
})

test('values have their labels, and names that others choose are escaped', () => {
  const lines = text({
    objects: [
      { labels: { kind: 'a\\b"c\nd', reason: 'é€' }, value: 2.5 },
      { labels: {}, value: 0 },
    ],
  }).split('\n')
  assert.ok(lines.includes('a_objects{kind="a\\\\b\\"c\\nd",reason="é€"} 2.5'))
  assert.ok(lines.includes('a_objects 0'))
})

test('the text of many objects comes whole, in pieces', () => {
  const count = 20_000
  function* samples(): Generator<Sample> {
    for (let at = 0; at < count; at++) yield { labels: { name: `store-é${at}` }, value: at }
  }
  const pieces = textOf({ store_ready: samples() }, 'a_')
  assert.ok(pieces.length > 10)
  const lines = Buffer.concat(pieces).toString().split('\n')
  assert.deepEqual(
    lines.filter(line => line.startsWith('a_store_ready')),
    [...samples()].map(({ labels, value }) => `a_store_ready{name="${labels['name']}"} ${value}`),
  )
})

test('a line that is longer than a piece comes whole', () => {
  const name = '€'.repeat(100_000)
  assert.ok(text({ store_ready: [{ labels: { name }, value: 1 }] }).includes(`{name="${name}"} 1\n`))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elementOf } from './xml.ts'

const cases: [xml: string, want: string | undefined][] = [
  ['<Error><Code>NoSuchEntity</Code></Error>', 'NoSuchEntity'],
  ['<Error><Code>a &amp; &apos;b&apos; &#34;c&#34; &other;</Code></Error>', 'a & \'b\' "c" &other;'],
  ['<Error><Code>cut off', 'cut off'],
  ['<Error><Code></Code></Error>', ''],
  ['<Error></Error>', undefined],
]

for (const [xml, want] of cases) {
  test(`the text of an element is found in ${xml}`, () => assert.equal(elementOf(xml, 'Code'), want))
}

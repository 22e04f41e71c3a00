import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { until } from '../../test/support/until.ts'
import { remembered, rememberedLately, rememberedTexts } from './remembered.ts'

test('a remembered function works once for each object, whatever its result is', () => {
  const asked: object[] = []
  const of = remembered((key: object) => {
    asked.push(key)
    return undefined
  })
  const [one, other] = [{ name: 'same' }, { name: 'same' }]
  for (const key of [one, other, one, other]) assert.equal(of(key), undefined)
  assert.deepEqual(asked, [one, other])
})

test('a function that remembers what was asked lately works again for what was first asked long ago', () => {
  const asked: object[] = []
  const of = rememberedLately((key: object) => asked.push(key), 2)
  const [one, two, three] = [{}, {}, {}]
  for (const key of [one, two, one, three, two, three, one]) of(key)
  assert.deepEqual(asked, [one, two, three, one])
})

test('a function that remembers texts that were asked lately works again for those that were first asked long ago', () => {
  const asked: string[] = []
  const of = rememberedTexts(text => asked.push(text), 2)
  for (const text of '1213231') of(text)
  assert.deepEqual(asked, ['1', '2', '3', '1'])
})

test('no object stays in memory because it was asked for lately', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const of = rememberedLately((key: { text: string }) => ({ text: key.text }), 2)
  const ask = () => {
    const key = { text: 'large' }
    of(key)
    return new WeakRef(key)
  }
  const asked = ask()
  await until('the object is collected', async () => {
    collect()
    return asked.deref() === undefined
  })
})

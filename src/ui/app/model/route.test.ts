import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryIn, fragmentOf, type Route, routeOf, titleOf } from './route.ts'

for (const [fragment, route] of [
  ['', { view: 'map' }],
  ['#/map', { view: 'map' }],
  ['#/timeline', { view: 'timeline' }],
  ['#/trouble', { view: 'trouble' }],
  ['#/store/ml/models', { view: 'store', namespace: 'ml', name: 'models' }],
  ['#/store/ml', { view: 'map' }],
  ['#/store/ml/%E0%A4%A', { view: 'store', namespace: 'ml', name: '%E0%A4%A' }],
  ['#/javascript:alert(1)', { view: 'map' }],
  ['#__proto__', { view: 'map' }],
] as [string, Route][]) {
  test(`the fragment "${fragment}" is the page ${titleOf(route)}`, () => assert.deepEqual(routeOf(fragment), route))
}

test('the fragment of a page leads to it', () => {
  for (const route of [
    { view: 'map' },
    { view: 'timeline' },
    { view: 'trouble' },
    { view: 'store', namespace: 'a b/c', name: '<x>' },
    { view: 'connector', namespace: 'ml', name: 'minio' },
  ] as Route[])
    assert.deepEqual(routeOf(fragmentOf(route)), route)
})

for (const [fragment, found] of [
  ['#token=Ab-_9', { kind: 'token', word: 'Ab-_9', rest: '#' }],
  ['#code=Ab-_9', { kind: 'code', word: 'Ab-_9', rest: '#' }],
  ['#token=Ab&/store/ml/x', { kind: 'token', word: 'Ab', rest: '#/store/ml/x' }],
  ['#/map', undefined],
  ['#token=', undefined],
  ['#token=a b', undefined],
  [`#token=${'a'.repeat(300)}`, undefined],
] as const) {
  test(`the fragment "${fragment.slice(0, 40)}" has ${found ? `the ${found.kind} ${found.word}` : 'neither token nor code'}`, () =>
    assert.deepEqual(entryIn(fragment), found))
}

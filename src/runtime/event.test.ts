import assert from 'node:assert/strict'
import { test } from 'node:test'
import { widget } from '../../test/support/runtime/fakes.ts'
import { cutBytes, eventObject } from './event.ts'

const OCCURRENCE = {
  reporter: { controller: 'test.dev/operator', instance: 'operator-0' },
  at: Date.parse('2030-01-01T00:00:00.000Z'),
  unique: '1f',
}
const record = { type: 'Warning', reason: 'Denied', action: 'Verify', message: 'denied' } as const

test('an event has what events.k8s.io/v1 asks for', () => {
  assert.deepEqual(eventObject(widget('a'), record, OCCURRENCE), {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'a.1f', namespace: 'ns' },
    eventTime: '2030-01-01T00:00:00.000000Z',
    reportingController: 'test.dev/operator',
    reportingInstance: 'operator-0',
    action: 'Verify',
    reason: 'Denied',
    regarding: { apiVersion: 'test.dev/v1', kind: 'Widget', namespace: 'ns', name: 'a', uid: 'uid-a' },
    note: 'denied',
    type: 'Warning',
  })
})

test('events of cluster-scoped objects live in default', () => {
  const object = widget('a')
  delete object.metadata.namespace
  const { metadata, regarding } = eventObject(object, record, OCCURRENCE)
  assert.equal(metadata.namespace, 'default')
  assert.ok(!('namespace' in regarding))
})

test('a long name leaves room, and stays a valid name', () => {
  const { metadata } = eventObject(widget(`${'x'.repeat(199)}--${'y'.repeat(50)}`), record, OCCURRENCE)
  assert.equal(metadata.name, `${'x'.repeat(199)}.1f`)
})

test('a note is redacted and has at most 1024 bytes', () => {
  const message = `https://host/c?sig=secret ${'ü'.repeat(1000)}`
  const { note } = eventObject(widget('a'), { ...record, message }, OCCURRENCE)
  assert.ok(note.startsWith('https://host/c?sig=[REDACTED] üü'))
  assert.ok(Buffer.byteLength(note) <= 1024)
})

for (const { name, text, limit, want } of [
  { name: 'fits', text: 'abc', limit: 3, want: 'abc' },
  { name: 'too long', text: 'abcdefgh', limit: 6, want: 'abc...' },
  { name: 'a character would be cut', text: 'aüüü', limit: 6, want: 'aü...' },
  { name: 'a four-byte character would be cut', text: '😀😀😀', limit: 10, want: '😀...' },
]) {
  test(`cutBytes: ${name}`, () => assert.equal(cutBytes(text, limit), want))
}

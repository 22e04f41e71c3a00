import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '../runtime/log.ts'
import { createLog, type LogLevel } from './log.ts'

function setUp(level: LogLevel = 'info') {
  const written: string[] = []
  const log = createLog({ level, base: { app: 'operator' }, destination: { write: line => void written.push(line) } })
  return { log, written, last: () => JSON.parse(written.at(-1) ?? '{}') }
}

test('a line is JSON with level, ISO time, base fields, fields and message', () => {
  const { log, last } = setUp()
  log.info({ bucket: 'ml' }, 'verified')
  const { time, ...rest } = last()
  assert.deepEqual(rest, { level: 'info', app: 'operator', bucket: 'ml', msg: 'verified' })
  assert.equal(new Date(time).toISOString(), time)
})

test('a child has the fields of its object', () => {
  const { log, last } = setUp()
  log.child({ kind: 'ArtifactStore', namespace: 'ml', name: 'prod' }).warn({}, 'denied')
  const { kind, namespace, name, level } = last()
  assert.deepEqual(
    { kind, namespace, name, level },
    { kind: 'ArtifactStore', namespace: 'ml', name: 'prod', level: 'warn' },
  )
})

test('lines below the level are not written', () => {
  const { log, written } = setUp('warn')
  log.info({}, 'no')
  assert.deepEqual(written, [])
})

const SECRET = 'hunter2secret'
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'

class SdkError extends Error {
  override readonly name = 'SdkError'
  readonly code = 'AccessDenied'
  readonly $response = { headers: { 'x-custom': SECRET } }
}

for (const { name, write } of [
  { name: 'in the message', write: log => log.info({}, `GET https://b/?sig=${SECRET}`) },
  { name: 'in a field', write: log => log.info({ url: `https://b/?X-Amz-Signature=${SECRET}` }, 'x') },
  { name: 'in a field of a field', write: log => log.info({ a: { b: { c: `AccountKey=${SECRET};` } } }, 'x') },
  { name: 'by the name of its field', write: log => log.info({ secretAccessKey: SECRET }, 'x') },
  { name: 'by the name of a field two levels down', write: log => log.info({ a: { b: { token: SECRET } } }, 'x') },
  { name: "in a child's fields", write: log => log.child({ header: `Authorization: Bearer ${JWT}` }).info({}, 'x') },
  { name: "in an error's message", write: log => log.error({ err: new Error(`https://b/?sig=${SECRET}`) }, 'x') },
  { name: "in an error's cause", write: log => log.error({ err: new Error('x', { cause: new Error(JWT) }) }, 'x') },
  { name: "in an SDK error's response", write: log => log.error({ err: new SdkError('denied') }, 'x') },
] satisfies { name: string; write: (log: Log) => void }[]) {
  test(`no secret is written: ${name}`, () => {
    const { log, written, last } = setUp()
    write(log)
    assert.equal(written.length, 1)
    assert.ok(!written[0]?.includes(SECRET))
    assert.ok(!written[0]?.includes(JWT))
    assert.equal(last().level.length > 0, true, 'the line is still JSON')
  })
}

test('an error keeps what explains it', () => {
  const { log, last } = setUp()
  log.error({ err: new SdkError('denied', { cause: new TypeError('inner') }) }, 'x')
  const { stack, ...err } = last().err
  assert.deepEqual(err, {
    type: 'SdkError',
    message: 'denied',
    code: 'AccessDenied',
    cause: { type: 'TypeError', message: 'inner' },
  })
  assert.match(stack, /log\.test\.ts/)
})

test('an error that is its own cause, and a thrown string, are logged too', () => {
  const { log, last } = setUp()
  const error = new Error('round')
  error.cause = error
  log.error({ err: error }, 'x')
  assert.equal(last().err.message, 'round')
  log.error({ err: 'plain' }, 'x')
  assert.deepEqual(last().err, { type: 'string', message: 'plain' })
})

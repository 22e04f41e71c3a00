/** Foreign text that is too large, or is meant to break what reads it, is a reason in status: never a crash. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../src/api/failures.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { rfc3339 } from '../../src/api/time.ts'
import { planConnector } from '../../src/connectors/plan.ts'
import { jsonObject } from '../../src/foreign/json.ts'
import { countOf, timeOf } from '../../src/foreign/numbers.ts'
import { codeOf, shown } from '../../src/foreign/text.ts'
import { listResources as listContainers } from '../../src/providers/azure/resources.ts'
import { countPages } from '../../src/providers/count-pages.ts'
import { answerOfError } from '../../src/providers/s3/answers/answer.ts'
import { measureByCloudWatch } from '../../src/providers/s3/measure/by-cloudwatch.ts'
import { listResources } from '../../src/providers/s3/measure/resources.ts'
import { editLifecycle } from '../../src/providers/s3/prepare/lifecycle-xml.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { readStamp } from '../../src/stores/plan/projected-secret.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { asked, fakeCalls, resultOf, workload } from '../support/azure.ts'
import { connector, fakeView, NOW, projectedSecret } from '../support/objects.ts'
import { atAws, atMinio } from '../support/s3-context.ts'

const none = new AbortController().signal

describe('values of Secrets and ConfigMaps', () => {
  const spec = (kind: 'configMapKeyRef' | 'secretKeyRef'): ServiceConnectorSpec => ({
    aws: {
      endpoint: 'https://minio.test',
      caBundle: { [kind]: { name: 'ca' } },
      auth: { accessKey: { secretName: 's' } },
    },
  })
  const planned = (values: Record<string, string>, kind: 'configMapKeyRef' | 'secretKeyRef' = 'configMapKeyRef') => {
    const keys = { aws_access_key_id: 'a', aws_secret_access_key: 'b', ...values }
    const view = fakeView({ keyValues: () => ({ values: keys }) })
    return planConnector(connector({ spec: spec(kind) }), view, { aws: createS3Provider({ now: () => NOW }) })
  }
  const ofKeys = (values: Record<string, string>) => {
    const view = fakeView({ keyValues: () => ({ values: { ...values, aws_secret_access_key: 'b' } }) })
    return planConnector(connector(), view, { aws: createS3Provider({ now: () => NOW }) })
  }
  const begins = '-----BEGIN CERTIFICATE-----\n'
  const empty = `${begins}-----END CERTIFICATE-----\n`

  const cases: [name: string, plan: () => ReturnType<typeof planned>, reason: string, message: RegExp][] = [
    [
      '1 MiB of begun certificates',
      () => planned({ 'ca.crt': begins.repeat(38_000) }),
      'ConfigMapKeyTooLarge',
      /^spec.aws.caBundle.configMapKeyRef: key "ca.crt" of ConfigMap "ml\/ca" has 1064000 bytes, and 262144 is the most: /,
    ],
    [
      'the same in a Secret',
      () => planned({ 'ca.crt': begins.repeat(38_000) }, 'secretKeyRef'),
      'SecretKeyTooLarge',
      /262144 is the most/,
    ],
    ['as many as are read', () => planned({ 'ca.crt': begins.repeat(9_000) }), 'InvalidCABundle', /certificate 1 of 1/],
    [
      'too many certificates',
      () => planned({ 'ca.crt': empty.repeat(201) }),
      'InvalidCABundle',
      /more than 200 certificates, which is the most: put/,
    ],
    [
      'a key too long',
      () => ofKeys({ aws_access_key_id: 'a'.repeat(8193) }),
      'SecretKeyTooLarge',
      /key "aws_access_key_id" of Secret "ml\/keys" has 8193 bytes, and 8192 is the most/,
    ],
  ]
  for (const [name, plan, reason, message] of cases) {
    test(`what is too large is refused before it is read: ${name}`, () => {
      const failure = plan()
      assert.equal(resultOf(failure), `stalled ${reason}`)
      assert.ok(isFailure(failure))
      assert.match(failure.message, message)
    })
  }
})

describe('answers', () => {
  const error = (Code: unknown, message: unknown, headers = {}) =>
    Object.assign(new Error('x'), { Code, message, $metadata: { httpStatusCode: 403 }, $response: { headers } })

  const codes: [name: string, code: unknown, expected: string | undefined][] = [
    ['a code', 'AccessDenied', 'AccessDenied'],
    ['a code of KMS', 'KMS.NotFoundException', 'KMS.NotFoundException'],
    ['a text', 'no such thing', undefined],
    ['a code too long', 'A'.repeat(129), undefined],
    ['an element', { a: 'b' }, undefined],
    ['a line end', 'Access\nDenied', undefined],
  ]
  for (const [name, code, expected] of codes) {
    test(`the code of a refusal is shown only if it is one: ${name}`, () => {
      assert.equal(answerOfError(error(code, 'm'))?.code, expected)
      assert.equal(codeOf(code), expected)
    })
  }

  test('messages are cut, without what hides or moves what a line shows', () => {
    const message = answerOfError(error('A', `a\u0000b\u202ec\n${'x'.repeat(2 ** 20)}`))?.message ?? ''
    assert.equal(message.length, 2048)
    assert.match(message, /^a b c x+\.\.\.$/)
    assert.equal(answerOfError(error('A', { a: 1 }))?.message, undefined)
    assert.equal(shown('\n'), undefined)
  })

  test('a region that could not be a part of a host name is none', () => {
    for (const region of ['eu.evil.example', 'a'.repeat(64), '-eu', 'eu/..', ['eu']]) {
      assert.equal(answerOfError(error('A', 'm', { 'x-amz-bucket-region': region }))?.region, undefined)
    }
    assert.equal(answerOfError(error('A', 'm', { 'x-amz-bucket-region': 'eu-west-1' }))?.region, 'eu-west-1')
  })

  test('JSON is read up to a size and a depth', () => {
    assert.deepEqual(jsonObject('{"a":[{"b":1}]}'), { a: [{ b: 1 }] })
    assert.deepEqual(jsonObject(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`), {})
    assert.deepEqual(jsonObject(JSON.stringify({ a: 'x'.repeat(2 ** 16) })), {})
    for (const text of ['', 'x', '1', 'null']) assert.deepEqual(jsonObject(text), {})
  })
})

describe('lifecycle rules', () => {
  const wanted = { id: 'ours', prefix: '', days: 1, versions: false }
  const all = (rules: string) => `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`
  const rule = (id: string) => `<Rule><ID>${id}</ID></Rule>`
  const cases: [name: string, xml: string][] = [
    ['an entity that is no character', all('<Rule><ID>&#9999999999;</ID></Rule>')],
    ['the same in hexadecimal', all('<Rule><ID>&#x110000;</ID></Rule>')],
    ['10,000 elements inside each other', all('<a>'.repeat(10_000) + '</a>'.repeat(10_000))],
    ['13 elements inside each other', all('<a>'.repeat(13) + '</a>'.repeat(13))],
    ['entities of its own', `<!DOCTYPE x [<!ENTITY a "b">]>${all(rule('&a;'))}`],
    ['more of our id than a mistake makes', all(rule('ours').repeat(9))],
    ['more rules than any service allows', all(rule('other').repeat(1001))],
    ['more elements than rules have', all('<a/>'.repeat(40_000))],
    ['a comment without an end', all('<!-- ')],
    ['more text than rules have', all(`<Rule>${' '.repeat(2 ** 21)}</Rule>`)],
  ]
  for (const [name, xml] of cases) {
    test(`lifecycle rules that can't be edited safely are unreadable, not a crash: ${name}`, () =>
      assert.equal(editLifecycle(xml, wanted), 'unreadable'))
  }
})

describe('what goes into status', () => {
  test('a bucket that a service lists twice is there once', async () => {
    const value = { buckets: [{ name: 'a' }, { name: 'a', region: 'eu' }, { name: 'b' }] }
    const calls = { listBuckets: async () => ({ status: 200, value }), listObjects: async () => ({ status: 200 }) }
    const found = await listResources(calls, { patterns: [], max: 10 }, atMinio(), none)
    assert.ok(!isFailure(found))
    assert.deepEqual(
      found.resources.map(({ uri }) => uri),
      ['s3://a', 's3://b'],
    )
  })

  test('a container that a service lists twice is there once', async () => {
    const calls = fakeCalls({ containerPage: { status: 200, value: { containers: ['a', 'b', 'a'] } } })
    const found = await listContainers(calls, { patterns: [], max: 10 }, asked(workload), none)
    assert.deepEqual(found, { kind: 'resources', resources: [{ uri: 'az://a' }, { uri: 'az://b' }], truncated: false })
  })

  for (const bytes of [Number.NaN, -1, 1e300, 2 ** 53, Number.POSITIVE_INFINITY]) {
    test(`sizes that are no whole numbers are no measurement: ${bytes}`, async () => {
      const page = async () => ({ status: 200, value: { objects: 1, bytes } })
      const counted = await countPages({ location: { bucket: 'b', prefix: '', uri: 's3://b' } }, page)
      assert.partialDeepStrictEqual(counted, { code: 'UnexpectedAnswer' })

      const newest = async () => ({ status: 200, value: [bytes, bytes] })
      const calls = { storageTypes: async () => ({ status: 200, value: ['StandardStorage'] }), newest }
      const request = { location: { bucket: 'b', prefix: '', uri: 's3://b' }, source: 'CloudWatch' } as const
      assert.equal(resultOf(await measureByCloudWatch(calls, request, atAws(), none)), 'waiting NoMetricsYet')
      assert.equal(countOf(bytes), undefined)
    })
  }

  test('a time is one that the API server can read', () => {
    for (const time of [
      '+010000-01-01T00:00:00Z',
      '12000-01-01',
      'x',
      '',
      8.64e15,
      Number.NaN,
      null,
      {},
      '-000001-01-01T00:00:00Z',
    ]) {
      assert.equal(timeOf(time), undefined, `${time}`)
    }
    assert.equal(timeOf('9999-12-31T23:59:59Z')?.getUTCFullYear(), 9999)
    assert.equal(rfc3339(new Date('+275000-01-01T00:00:00Z')), '9999-12-31T23:59:59Z')
  })

  test('a stamp that nobody can have written is none', () => {
    const stamp = { grant: 'g', issuedAt: NOW, expiresAt: new Date('+020000-01-01T00:00:00Z') }
    assert.equal(readStamp(projectedSecret('x', stamp)), undefined)
    const cautions = readStamp(
      projectedSecret('x', { ...stamp, expiresAt: NOW, cautions: 'x'.repeat(2 ** 16) }),
    )?.cautions
    assert.equal(cautions?.length, 2048)
  })
})

test('a line of the log is short and JSON, whatever it is about', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: line => void lines.push(line) } })
  const long = 'sig=hush&'.repeat(2 ** 16)
  log.info({}, long)
  log.info({ a: { b: [long, { c: long }] } }, long)
  log.info(Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`f${index}`, long])), 'many')
  log.error({ key: 'ml/prod', err: new Error(long, { cause: new Error(long) }) }, 'reconcile crashed')
  log.error({ err: Object.assign(new Error('x'), { code: long }) }, long)
  assert.equal(lines.length, 5)
  for (const line of lines) {
    assert.ok(line.length < 2 ** 15, `${line.length}`)
    assert.ok(line.endsWith('}\n'))
    assert.doesNotMatch(line, /hush/)
    JSON.parse(line)
  }
  assert.equal(JSON.parse(lines[3] ?? '').key, 'ml/prod')
})

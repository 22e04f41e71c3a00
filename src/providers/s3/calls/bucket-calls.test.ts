import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { Gate } from '../../network/gate.ts'
import { bucketCalls } from './bucket-calls.ts'
import { callThrough } from './call.ts'

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body?: Uint8Array | string
}

/** Calls whose requests are kept, not sent, and get `answer`. */
function service(region: string, answer: { headers?: Record<string, string>; body?: string } = {}) {
  const sent: Sent[] = []
  const client = new S3Client({
    region,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    requestHandler: {
      async handle(request: Sent) {
        sent.push(request)
        const body = Readable.from(answer.body === undefined ? [] : [Buffer.from(answer.body)])
        return { response: { statusCode: 200, headers: answer.headers ?? {}, body } }
      },
    },
  })
  const gate = new Gate({ limit: 1, deadlineMs: 10_000, monotonic: () => 0, outcomeOf: () => 'not-sent' })
  return { sent, calls: bucketCalls(client, callThrough(gate)) }
}

const signal = new AbortController().signal

describe('bucketCalls', () => {
  const locations: [clientRegion: string, region: string | undefined, body: RegExp | undefined][] = [
    ['us-east-1', undefined, undefined],
    ['eu-west-1', undefined, undefined],
    ['eu-west-1', 'eu-west-1', /<LocationConstraint>eu-west-1<\/LocationConstraint>/],
    ['us-east-1', 'home', /<LocationConstraint>home<\/LocationConstraint>/],
  ]
  for (const [clientRegion, region, body] of locations) {
    test(`a client of ${clientRegion} creates a bucket in ${region ?? 'the region that the service decides'}`, async () => {
      const { sent, calls } = service(clientRegion)
      assert.equal((await calls.createBucket('ml', region, signal)).status, 200)
      if (body) assert.match(`${sent[0]?.body}`, body)
      else assert.equal(sent[0]?.body, undefined)
    })
  }

  const xml = '<?xml version="1.0"?>\n<LifecycleConfiguration><Rule><ID>a</ID><New/></Rule> </LifecycleConfiguration>'
  const SIZE = 'x-amz-transition-default-minimum-object-size'

  test('lifecycle rules are read to the letter', async () => {
    const { calls } = service('us-east-1', { headers: { [SIZE]: 'varies_by_storage_class' }, body: xml })
    const { value } = await calls.lifecycle('ml', signal)
    assert.deepEqual(value, { xml, minimumObjectSize: 'varies_by_storage_class' })
  })

  test('lifecycle rules are written to the letter, with a digest that every service knows', async () => {
    const { sent, calls } = service('us-east-1')
    await calls.putLifecycle('ml', { xml, minimumObjectSize: 'varies_by_storage_class' }, signal)
    const [{ body, headers } = { body: undefined, headers: {} as Record<string, string> }] = sent
    assert.equal(`${body}`, xml)
    assert.equal(headers['content-md5'], createHash('md5').update(xml).digest('base64'))
    assert.equal(headers['content-length'], `${Buffer.byteLength(xml)}`)
    assert.equal(headers['x-amz-content-sha256'], createHash('sha256').update(xml).digest('hex'))
    assert.equal(headers[SIZE], 'varies_by_storage_class')
    assert.deepEqual(
      Object.keys(headers).filter(name => /checksum/.test(name)),
      [],
    )
  })

  const regions: [name: string, headers: Record<string, string>, value: object][] = [
    ['returns', { 'x-amz-bucket-region': 'eu-west-1' }, { region: 'eu-west-1' }],
    ['without its header does not return', {}, {}],
  ]
  for (const [name, headers, value] of regions) {
    test(`HeadBucket ${name} the region of a bucket`, async () => {
      const { sent, calls } = service('eu-west-1', { headers })
      assert.deepEqual((await calls.headBucket('ml', '123456789012', signal)).value, value)
      assert.equal(sent[0]?.headers['x-amz-expected-bucket-owner'], '123456789012')
    })
  }

  test('versioning is set with the MD5 of the body, which some services demand', async () => {
    const { sent, calls } = service('us-east-1')
    assert.equal((await calls.putVersioning('ml', 'Enabled', signal)).status, 200)
    const { headers = {}, body = '' } = sent[0] ?? {}
    assert.match(`${body}`, /<Status>Enabled</)
    assert.equal(headers['content-md5'], createHash('md5').update(body).digest('base64'))
    assert.deepEqual(
      Object.keys(headers).filter(name => name.startsWith('x-amz-checksum-')),
      [],
    )
  })
})

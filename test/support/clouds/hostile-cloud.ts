/** A cloud whose answers are exchanged for hostile ones, in whole or in part. */
import type { ServerOptions } from 'node:https'
import fc from 'fast-check'
import { hostileText } from '../hostile-values.ts'
import { type Answer, type CloudReply, type FakeCloud, startFakeCloud } from './fake-cloud.ts'

/** What happens to every `each`th answer, beginning with `first`. */
export interface Warp {
  first: number
  each: number
  how: keyof typeof WARPS
  /** Which of its parts. */
  part: number
  text: string
  status: number
}

/** Answers with 429 and 503 are left out: to wait before a retry takes most of the time. */
const STATUSES = [200, 201, 204, 206, 301, 307, 400, 401, 403, 404, 405, 409, 412, 416, 500, 501, 999]

const HEADERS = [
  ...[
    'x-amz-bucket-region',
    'x-amz-request-id',
    'x-amz-id-2',
    'x-amz-error-code',
    'x-amz-error-message',
    'x-amz-checksum-crc32',
  ],
  ...[
    'x-ms-error-code',
    'x-ms-request-id',
    'x-ms-version',
    'x-ms-is-hns-enabled',
    'x-ms-account-kind',
    'www-authenticate',
  ],
  ...[
    'content-type',
    'date',
    'retry-after',
    'location',
    'etag',
    'last-modified',
    'content-encoding',
    'x-ms-retry-after-ms',
  ],
]

const escaped = (text: string) =>
  text.replace(/[&<>]/g, special => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[special] ?? '')

/** Exchanges one of the texts between the tags, or between the quotes of JSON. */
function exchanged(body: string, part: number, text: string): string {
  const isJson = body.startsWith('{')
  const texts = [...body.matchAll(isJson ? /(?<=:)("[^"]*"|\d+)/g : /(?<=<\w+>)[^<]*(?=<\/)/g)]
  const chosen = texts[part % texts.length]
  if (!chosen) return body
  return (
    body.slice(0, chosen.index) + (isJson ? JSON.stringify(text) : text) + body.slice(chosen.index + chosen[0].length)
  )
}

const WARPS = {
  text: ({ body = '', ...reply }, { part, text }) => ({ ...reply, body: exchanged(body, part, escaped(text)) }),
  markup: ({ body = '', ...reply }, { part, text }) => ({ ...reply, body: exchanged(body, part, text) }),
  status: (reply, { status }) => ({ ...reply, status }),
  body: (reply, { text }) => ({ ...reply, body: text }),
  cut: ({ body = '', ...reply }, { part }) => ({ ...reply, body: body.slice(0, part % (body.length + 1)) }),
  twice: ({ body = '', ...reply }) => ({ ...reply, body: body.replace(/(<(\w+)>.*<\/\2>)/s, '$1$1') }),
  deep: (reply, { part }) => ({ ...reply, body: '<a>'.repeat(part % 20_000) }),
  refusal: (_, { text, status }) => ({
    status,
    headers: { 'x-ms-error-code': inHeader(text) },
    body: ['Code', 'Message', 'Region', 'Endpoint', 'RequestId', 'ProposedSessionToken']
      .map(name => `<${name}>${escaped(text)}</${name}>`)
      .join('')
      .replace(/.*/s, '<Error>$&</Error>'),
  }),
  header: ({ headers, ...reply }, { part, text }) => ({
    ...reply,
    headers: { ...headers, [HEADERS[part % HEADERS.length] ?? '']: inHeader(text) },
  }),
} satisfies Record<string, (reply: CloudReply, warp: Warp) => CloudReply>

/** What a server can put into a header. */
const inHeader = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4_096)

export const warps: fc.Arbitrary<Warp[]> = fc.array(
  fc.record({
    first: fc.nat(25),
    each: fc.oneof({ weight: 3, arbitrary: fc.constant(1_000) }, fc.integer({ min: 1, max: 8 })),
    how: fc.constantFrom(...(Object.keys(WARPS) as (keyof typeof WARPS)[])),
    part: fc.nat(),
    text: hostileText,
    status: fc.constantFrom(...STATUSES),
  }),
  { minLength: 1, maxLength: 4 },
)

export interface HostileCloud extends FakeCloud {
  /** Begins to count answers anew. */
  warp(warps: Warp[]): void
}

export async function startHostileCloud(answer: Answer, tls?: ServerOptions): Promise<HostileCloud> {
  let current: Warp[] = []
  let count = 0
  const cloud = await startFakeCloud((request, cloud) => {
    const index = count++
    const due = current.filter(({ first, each }) => index >= first && (index - first) % each === 0)
    const reply = due.reduce((reply: CloudReply, warp) => WARPS[warp.how](reply, warp), answer(request, cloud))
    const { body, ...rest } = reply
    return request.method === 'HEAD' || reply.status === 204 || body === undefined ? rest : { ...rest, body }
  }, tls)
  return Object.assign(cloud, {
    warp(warps: Warp[]) {
      current = warps
      count = 0
    },
  })
}

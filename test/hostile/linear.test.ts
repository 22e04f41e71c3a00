/** Each way in of foreign text, fed with text made to be slow: twice as much of it takes at most twice as long. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { escaped, harmless } from '../../src/cli/text/harmless.ts'
import { fit, wrap } from '../../src/cli/text/width.ts'
import { planConnector } from '../../src/connectors/plan.ts'
import type { ConnectorView } from '../../src/connectors/view.ts'
import { jwtClaims } from '../../src/foreign/json.ts'
import { ApiError } from '../../src/kube/errors.ts'
import { answerOfError as azureAnswer } from '../../src/providers/azure/answer.ts'
import { failureOf as azureFailure } from '../../src/providers/azure/failures.ts'
import { createAzureProvider } from '../../src/providers/azure/provider.ts'
import { answerOfError as s3Answer } from '../../src/providers/s3/answers/answer.ts'
import { failureOf as s3Failure } from '../../src/providers/s3/answers/failures.ts'
import { judge } from '../../src/providers/s3/answers/judge.ts'
import { stsFailure } from '../../src/providers/s3/answers/sts-failures.ts'
import { editLifecycle, isKept } from '../../src/providers/s3/prepare/lifecycle-xml.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { eventObject } from '../../src/runtime/event.ts'
import { readStamp } from '../../src/stores/plan/projected-secret.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { describeError, redact } from '../../src/telemetry/redact.ts'
import { type Asked, judge as judgeRequest } from '../../src/ui/server/gate.ts'
import { asked, workload } from '../support/azure.ts'
import { connector, NOW, projectedSecret } from '../support/objects.ts'
import { atMinio } from '../support/s3-context.ts'
import { growth, growthAnew, LINEAR, repeated } from './growth.ts'

/** Text that patterns of this project, or of parsers, begin to match again and again. */
const SEEDS = [
  ...[
    'eyJ-',
    'eyJ_eyJhbGci',
    'eyJhbGci.',
    '-----BEGIN CERTIFICATE-----\n',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
  ],
  ...[
    'because no a ',
    'with an explicit deny in a ',
    'session policy ',
    "expecting '",
    'kms:',
    'sts:',
    'action AssumeRole',
  ],
  ...[' ', '\n', '/', '\\', '"', "'", ';', '=', ';a=', '&', '%', '-', '.', 'a', '0', ':', '\0', '\u00e9', '\u202e'],
  ...['<', '<a>', '</a>', '<!--', '<?', '<a b="', '<Code>', '<Message>', '&#x41;', '&#9999999999;', '&amp;'],
  ...['[', '{"a":', '":"', 'password:', 'password: "', 'authorization:', 'cookie\\', 'Bearer ', 'SharedKey a', 'sig='],
  ...['https://', '://a:', '://a@', 'AKIAAAAA', 'ASIA', 'arn:a:iam:', 'arn:', '1h', 'https://a.blob.', 'sv=1&sig=1&'],
]

/** Enough where a text is refused for its size alone. */
const FEW_SEEDS = ['eyJ-', '-----BEGIN CERTIFICATE-----\n', '<a>', ' ']
/** Texts of these sizes are no longer than their bounds, or than what is measured in little time. */
const ALL_SEEDS_MAX = 2 ** 17

type Meets = (text: string) => unknown

const s3 = createS3Provider({ now: () => NOW })
const azure = createAzureProvider({ now: () => NOW })

const view = (values: Record<string, string>, annotations: Record<string, string> = {}): ConnectorView => ({
  keyValues: () => ({ values }),
  serviceAccount: (namespace, name) => ({ namespace, name, uid: 'u', annotations }),
  allowedAudiences: ['sts.amazonaws.com', 'api://AzureADTokenExchange'],
  token: async () => 'a-token',
  tokenRefused: () => undefined,
  operatorIdentity: () => undefined,
})

const planned = (spec: ServiceConnectorSpec, seen: ConnectorView) =>
  planConnector(connector({ spec }), seen, { aws: s3, azure })

const caBundle = { configMapKeyRef: { name: 'ca' } }
const aws = (change: object): ServiceConnectorSpec => ({
  aws: { endpoint: 'https://minio.test', auth: { accessKey: { secretName: 's' } }, ...change },
})
const KEYS = { aws_access_key_id: 'a', aws_secret_access_key: 'b' }
const ofAzure = (auth: NonNullable<ServiceConnectorSpec['azure']>['auth'], change = {}): ServiceConnectorSpec => ({
  azure: { accountName: 'acme', auth, ...change },
})

const sdkError = (Code: unknown, message: string, status: number): Error =>
  Object.assign(new Error(message), { name: `${Code}`, Code, $metadata: { httpStatusCode: status } })

const identity = planned(aws({}), view(KEYS))
assert.ok(identity.kind === 'plan')

/** All that is made of a refusal of S3 or STS. */
function refused(code: string, message: string): void {
  for (const status of [400, 403, 503]) {
    const answer = s3Answer(sdkError(code, message, status))
    assert.ok(answer)
    s3Failure(answer, atMinio())
    judge({ action: 's3:GetObject' }, answer, atMinio())
    for (const operation of ['AssumeRoleWithWebIdentity', 'AssumeRole', 'GetFederationToken'] as const) {
      const request = { operation, signer: { kind: 'key', secret: 'ml/s', temporary: false } } as const
      stsFailure(answer, identity.kind === 'plan' ? (identity.identity as never) : (undefined as never), request)
    }
  }
}

const restError = (bodyAsText: string, header?: string) =>
  Object.assign(new Error('x'), { statusCode: 403, response: { bodyAsText, headers: { get: () => header } } })

function refusedByAzure(body: string, header?: string): void {
  const answer = azureAnswer(restError(body, header))
  assert.ok(answer)
  azureFailure(answer, asked(workload))
}

/** Asks the page's server with these texts in each of the headers that it looks at. */
function admit(change: Partial<Asked>, texts: string[] = []): void {
  const usual = { host: ['127.0.0.1:1'], authorization: ['Bearer t'], 'content-type': texts }
  for (const headers of [usual, { ...usual, authorization: texts }, { ...usual, host: texts, origin: texts }])
    judgeRequest({ method: 'GET', target: '/api/trouble', headers, ...change }, { port: 1, tokens: ['t'] })
}

const log = createLog({ level: 'info', destination: { write: () => undefined } })
const wanted = { id: 'artifactstore.dev/ml/prod/1', prefix: 'team/', days: 30, versions: false }
const reporter = { controller: 'c', instance: 'i' }

const AS_VALUE = [4 * 2 ** 10, 2 ** 19]
const AS_BUNDLE = [2 ** 17, 2 ** 19]
const AS_ANSWER = [2 ** 10, 2 ** 14, 2 ** 19]

const entrances: [name: string, sizes: number[], meets: Meets][] = [
  ['a CA bundle of S3', AS_BUNDLE, text => planned(aws({ caBundle }), view({ ...KEYS, 'ca.crt': text }))],
  [
    'a CA bundle of Azure',
    AS_BUNDLE,
    text =>
      planned(
        ofAzure({ accountKey: { secretName: 's' } }, { caBundle }),
        view({ 'ca.crt': text, account_key: 'aaaa' }),
      ),
  ],
  ['an access key', AS_VALUE, text => planned(aws({}), view({ ...KEYS, aws_access_key_id: text }))],
  [
    'the annotation of a role',
    AS_VALUE,
    text =>
      planned(
        aws({ auth: { webIdentity: { serviceAccountName: 'a' } } }),
        view({}, { 'eks.amazonaws.com/role-arn': `arn:aws:iam::1:role/${text}` }),
      ),
  ],
  [
    'the annotation of a client',
    AS_VALUE,
    text =>
      planned(
        ofAzure({ workloadIdentity: { serviceAccountName: 'a' } }),
        view({}, { 'azure.workload.identity/client-id': text, 'azure.workload.identity/tenant-id': text }),
      ),
  ],
  [
    'a SAS token',
    AS_VALUE,
    text => planned(ofAzure({ sasToken: { secretName: 's' } }), view({ sas_token: `sv=1&sig=1&${text}` })),
  ],
  [
    'an account key',
    AS_VALUE,
    text => planned(ofAzure({ accountKey: { secretName: 's' } }), view({ account_key: text })),
  ],
  [
    'a connection string',
    AS_VALUE,
    text =>
      planned(
        ofAzure({ connectionString: { secretName: 's' } }),
        view({ connection_string: `AccountKey=aaaa;BlobEndpoint=${text}x` }),
      ),
  ],
  [
    'the id of a client',
    AS_VALUE,
    text =>
      planned(
        ofAzure({ servicePrincipal: { secretName: 's' } }),
        view({ client_id: text, tenant_id: text, client_secret: text }),
      ),
  ],
  ['the code of a refusal of S3', AS_ANSWER, text => refused(text, 'm')],
  ['the message of a refusal of S3', AS_ANSWER, text => refused('AccessDenied', text)],
  ['the message of a refusal of STS', AS_ANSWER, text => refused('InvalidParameterValue', text)],
  ['the body of a refusal of Azure', AS_ANSWER, text => refusedByAzure(`<Code>A</Code><Message>${text}`)],
  ['a body of Azure that is no XML', AS_ANSWER, text => refusedByAzure(text)],
  ['a header of Azure', AS_ANSWER, text => refusedByAzure('', text)],
  ['the claims of a token', AS_ANSWER, text => jwtClaims(`a.${Buffer.from(text).toString('base64url')}.a`)],
  ['a token that is none', AS_ANSWER, text => jwtClaims(text)],
  ['lifecycle rules', AS_ANSWER, text => editLifecycle(`<LifecycleConfiguration>${text}`, wanted)],
  ['a document in the place of lifecycle rules', AS_ANSWER, text => editLifecycle(text, wanted)],
  // Node takes 16 KiB of headers.
  ['the path of a request to the page', [2 ** 10, 2 ** 14], text => admit({ target: `/${text}` })],
  ['a header of a request to the page', [2 ** 10, 2 ** 14], text => admit({ method: 'POST' }, [text])],
  ['a message of the API server', AS_ANSWER, text => describeError(new ApiError(403, { message: text }, 'create'))],
  ['an error that is described', AS_ANSWER, text => describeError(new Error(text, { cause: new Error(text) }))],
  ['a text that is redacted', [2 ** 14, 2 ** 15], text => redact(text)],
  ['a message in the log', AS_ANSWER, text => log.info({}, text)],
  ['a field of the log', AS_ANSWER, text => log.warn({ a: { b: text } }, 'x')],
  ['an error in the log', AS_ANSWER, text => log.warn({ err: new Error(text) }, 'x')],
  [
    'the message of an event',
    AS_ANSWER,
    text =>
      eventObject(
        connector(),
        { action: 'a', reason: 'r', type: 'Warning', message: text },
        { reporter, at: 0, unique: 'u' },
      ),
  ],
  [
    'the stamp of a Secret',
    AS_VALUE,
    text => {
      const secret = projectedSecret('x', { grant: 'g', issuedAt: NOW, expiresAt: NOW })
      const { annotations = {} } = secret.metadata
      for (const name of Object.keys(annotations)) annotations[name] = text
      return readStamp(secret)
    },
  ],
  [
    'a text of the cluster that the command line shows',
    AS_VALUE,
    text => [wrap(harmless(text), 80), fit(harmless(text), 80), escaped(JSON.stringify(text))],
  ],
]

let made = 0

for (const [name, sizes, meets] of entrances) {
  describe(`twice as much text takes at most twice as long: ${name}`, () => {
    for (const size of sizes) {
      test(`${name}, up to ${(2 * size) / 2 ** 10} KiB`, () => {
        for (const seed of size > ALL_SEEDS_MAX ? FEW_SEEDS : SEEDS) {
          const measure = sizes === AS_BUNDLE ? growthAnew : growth
          const ratio = measure(size, bytes => {
            // What was judged of the same bundle before is remembered.
            const text = repeated(`${sizes === AS_BUNDLE ? made++ : ''}${seed}`, bytes)
            return () => meets(text)
          })
          assert.ok(ratio <= LINEAR, `${JSON.stringify(seed)} takes ${ratio.toFixed(1)} times as long`)
        }
      })
    }
  })
}

const all = (rules: string) => `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`
const rule = (id: string) => `<Rule><ID>${id}</ID><Status>Enabled</Status><Filter/></Rule>`

for (const [name, size, make] of [
  ['of our id', 10_000, (count: number) => all(rule(wanted.id).repeat(count))],
  ['of other ids', 500, (count: number) => all(Array.from({ length: count }, (_, index) => rule(`${index}`)).join(''))],
  ['of no id', 500, (count: number) => all('<Rule><Status>Enabled</Status></Rule>'.repeat(count))],
  ['inside each other', 10_000, (count: number) => all(`${'<Rule>'.repeat(count)}${'</Rule>'.repeat(count)}`)],
] as const) {
  test(`twice as many lifecycle rules take at most twice as long: ${name}`, () => {
    const ratio = growth(size, count => {
      const xml = make(count)
      return () => [editLifecycle(xml, wanted), isKept(xml, xml, wanted)]
    })
    assert.ok(ratio <= LINEAR, `${ratio.toFixed(1)} times as long`)
  })
}

test('what is slow is found by the measure that finds nothing else', () => {
  const quadratic = growth(2 ** 12, size => {
    const text = repeated('eyJ-', size)
    return () => /\beyJ[A-Za-z0-9_-]{5,}\./.test(text)
  })
  assert.ok(quadratic > LINEAR, `${quadratic}`)
})

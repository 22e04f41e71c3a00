/** Whatever goes wrong with a lent connector, its borrowers' statuses and events name nothing of its owner's. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { stalled, transient } from '../../src/api/failures.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import type { Provider, SharedSession } from '../../src/providers/provider.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { SessionCache } from '../../src/providers/sessions/session-cache.ts'
import type { StoreView } from '../../src/stores/plan/view.ts'
import { reconcileStore } from '../../src/stores/reconcile.ts'
import {
  type AwsCall,
  type AwsReply,
  type FakeAws,
  s3Error,
  startFakeAws,
  stsCredentials,
  stsError,
} from '../support/clouds/fake-aws.ts'
import { connector, fakeSession, fakeView, store } from '../support/objects.ts'
import { going, storeLab } from '../support/store-context.ts'

const ACCOUNT = '999888777666'
const ARN = `arn:aws:iam::${ACCOUNT}:role/lender-role`
const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/lender-role/session`
const SECRETS = ['lender-sa', 'lender-role', 'lender-secret', 'lender-keys', 'lender-ca', 'lender-host', ACCOUNT]

let aws: FakeAws
let provider: ReturnType<typeof createS3Provider>
before(async () => {
  aws = await startFakeAws(() => ({ status: 500 }))
  provider = createS3Provider({ now: () => new Date() })
})
after(async () => {
  provider.close()
  await aws.close()
})

type Reply = (call: AwsCall) => AwsReply | undefined

interface Trouble {
  reply?: Reply
  spec?: Partial<ArtifactStoreSpec>
  connector?: Partial<NonNullable<ServiceConnectorSpec['aws']>>
  view?: Partial<StoreView>
  session?: Partial<SharedSession>
  opening?: Error
  lookUp?: ReturnType<typeof storeLab>['context']['lookUp']
}

const webIdentity = { auth: { webIdentity: { serviceAccountName: 'lender-sa', roleArn: ARN } } }
const ofKey = { auth: { accessKey: { secretName: 'lender-secret' } } }
const credentials: NonNullable<ArtifactStoreSpec['credentials']> = [
  { name: 'step', formats: ['AwsProfile'] },
  { name: 'web', formats: ['WebIdentity'] },
]

/** The status and the events of a store in `ml`, which lives or ends, whose connector is in `owner`. */
async function told(owner: string, trouble: Trouble, isGoing = false): Promise<string> {
  const now = () => new Date()
  aws.answer = call => {
    const given = trouble.reply?.(call)
    if (given) return given
    if (/^(Assume|Get)/.test(call.action))
      return stsCredentials(call.action, 'ASIALENT', new Date(Date.now() + 3.6e6), SESSION_ARN)
    return { status: 200, body: '<Result/>' }
  }
  const { metadata } = connector()
  const lender = connector({
    metadata: { ...metadata, namespace: owner },
    spec: {
      aws: { endpoint: aws.url, ...webIdentity, ...trouble.connector },
      allowedNamespaces: { from: 'All' },
      lend: { webIdentity: true, bucketSetup: true, static: true },
    },
  })
  const cache = new SessionCache({
    open: (who, signal) => (trouble.opening ? Promise.reject(trouble.opening) : provider.open(who, signal)),
    now,
    monotonic: () => performance.now(),
    max: 10,
  })
  const lab = storeLab({
    now,
    providers: { aws: provider as Provider },
    sessions: trouble.session
      ? { get: async () => fakeSession({ principal: SESSION_ARN, ...trouble.session }) }
      : cache,
    view: fakeView({
      connector: key => (key === `${owner}/minio` ? lender : undefined),
      namespaceLabels: () => ({}),
      allowedAudiences: ['sts.amazonaws.com'],
      keyValues: () => ({ values: { aws_access_key_id: 'AKIALENT', aws_secret_access_key: 'hush' } }),
      serviceAccount: (namespace, name) => ({ namespace, name, uid: 'u', annotations: {} }) as never,
      token: async () => 'a-token',
      ...trouble.view,
    }),
    ...(trouble.lookUp ? { lookUp: trouble.lookUp } : {}),
  })
  const ending = { bucket: { expirationDays: 7 } }
  const living = store({
    connectorRef: { name: 'minio', namespace: owner },
    credentials,
    ...trouble.spec,
    ...(isGoing ? ending : {}),
  })
  const object = isGoing ? going(living) : living
  let outcome = await reconcileStore(object, lab.context, AbortSignal.timeout(20_000))
  let text = JSON.stringify([outcome.status, outcome.events])
  for (let round = 0; round < 1; round++) {
    outcome = await reconcileStore(
      { ...object, ...(outcome.status ? { status: outcome.status } : {}) },
      lab.context,
      AbortSignal.timeout(20_000),
    )
    text += JSON.stringify([outcome.status, outcome.events])
  }
  cache.close()
  return text
}

const answering =
  (status: number, code: string, only = /./): Reply =>
  ({ action }) =>
    !only.test(action)
      ? undefined
      : /^(Assume|Get[A-Z])/.test(action)
        ? stsError(status, code)
        : s3Error(status, code, `${SESSION_ARN} is not authorized`)
const S3 = /^(GET|PUT|POST|HEAD|DELETE) /
const STS = /^(Assume|Get[A-Z])/
const session = { expiresAt: undefined }
const changing = async () => 'cached' as const

const troubles: [name: string, trouble: Trouble][] = [
  ['nothing goes wrong', {}],
  ['a role is not trusted', { reply: answering(403, 'AccessDenied', STS) }],
  ['a token is not taken', { reply: answering(400, 'InvalidIdentityToken', STS) }],
  [
    'a role of a chain is not trusted',
    { connector: { ...ofKey, assumeRoles: [{ roleArn: ARN }] }, reply: answering(403, 'AccessDenied', STS) },
  ],
  ['STS says nonsense', { reply: answering(418, 'Teapot', STS) }],
  ['STS is down', { reply: answering(503, 'ServiceUnavailable', STS) }],
  ...[
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
    'ExpiredToken',
    'RequestTimeTooSkewed',
    'NoSuchBucket',
    'InvalidBucketName',
    'PermanentRedirect',
    'AccessDenied',
    'SlowDown',
    'InternalError',
    'Teapot',
  ].flatMap((code): [string, Trouble][] => [
    [`S3 answers ${code} to the role`, { reply: answering(code === 'InternalError' ? 500 : 403, code, S3) }],
    [
      `S3 answers ${code} to the key`,
      { connector: ofKey, reply: answering(code === 'InternalError' ? 500 : 403, code, S3) },
    ],
    [
      `S3 answers ${code} to a copied key`,
      { connector: { ...ofKey, issue: 'Static' }, reply: answering(403, code, S3) },
    ],
    [
      `S3 answers ${code} to setup`,
      {
        reply: answering(403, code, /^(PUT|HEAD)|versioning|lifecycle/),
        spec: { bucket: { create: true, versioning: 'Enabled', expirationDays: 3 } },
      },
    ],
  ]),
  [
    'usage is denied',
    { spec: { usage: { source: 'List' } }, reply: answering(403, 'AccessDenied', /start-after|list-type/) },
  ],
  ['usage has no CloudWatch', { spec: { usage: { source: 'CloudWatch' } } }],
  ['a web page answers', { reply: () => ({ status: 200, body: '<html/>', headers: { 'content-type': 'text/html' } }) }],
  ['nothing answers', { connector: { endpoint: 'http://lender-host.invalid:1' } }],
  ['the endpoint is refused', { connector: { endpoint: 'http://169.254.169.254' } }],
  [
    'RBAC forbids the token',
    { view: { token: async () => stalled('TokenForbidden', 'no token of ServiceAccount platform/lender-sa') } },
  ],
  ['the Secret is missing', { connector: ofKey, view: { keyValues: () => undefined } }],
  ['the Secret lacks a key', { connector: ofKey, view: { keyValues: () => ({ values: { 'lender-keys': 'x' } }) } }],
  [
    'the key has a line end',
    {
      connector: ofKey,
      view: { keyValues: () => ({ values: { aws_access_key_id: 'a\nb', aws_secret_access_key: 'x' } }) },
    },
  ],
  [
    'the CA is missing',
    {
      connector: { caBundle: { configMapKeyRef: { name: 'lender-ca' } } },
      view: { keyValues: kind => (kind === 'ConfigMap' ? undefined : { values: {} }) },
    },
  ],
  [
    'the CA is none',
    {
      connector: { caBundle: { configMapKeyRef: { name: 'lender-ca' } } },
      view: { keyValues: () => ({ values: { 'ca.crt': 'x' } }) },
    },
  ],
  ['the ServiceAccount is missing', { view: { serviceAccount: () => undefined } }],
  ['the audience is not allowed', { view: { allowedAudiences: [] } }],
  [
    'a look-up gets no answer',
    {
      connector: ofKey,
      view: { keyValues: () => undefined },
      lookUp: async ({ name }) => transient('ReferenceNotRead', `Secret "${name}" could not be read`),
    },
  ],
  ['a Secret changes while it is read', { connector: ofKey, view: { keyValues: () => undefined }, lookUp: changing }],
  [
    'an error is thrown by a look-up',
    {
      connector: ofKey,
      view: { keyValues: () => undefined },
      lookUp: () => Promise.reject(new Error('no Secret lender-secret')),
    },
  ],
  [
    'an error is thrown by a plan',
    {
      connector: ofKey,
      view: {
        keyValues: () => {
          throw new Error('no key in lender-secret')
        },
      },
    },
  ],
  [
    'an error is thrown by the probe',
    { session: { ...session, probe: () => Promise.reject(new Error('connect to lender-host:9000')) } },
  ],
  ['an error is thrown by the opening', { opening: new Error('connect to lender-host:9000') }],
  [
    'an unknown failure comes from the probe',
    { session: { ...session, probe: async () => stalled('BrandNew', 'lender-secret at lender-host') } },
  ],
]

describe('a borrower is told nothing of the connector’s owner', () => {
  for (const [name, trouble] of troubles) {
    for (const isGoing of [false, true]) {
      test(`when ${name}${isGoing ? ', while its store ends' : ''}`, async () => {
        const text = await told('platform', trouble, isGoing).catch(error => String(error))
        const seen = [...SECRETS, aws.host, ARN, SESSION_ARN].filter(secret => text.includes(secret))
        assert.deepEqual(seen, [], text)
      })
    }
  }
})

test('a store beside the connector is told whom it acts as, and where', async () => {
  assert.ok((await told('ml', {})).includes(SESSION_ARN))
  assert.ok((await told('ml', { reply: answering(404, 'NoSuchBucket', S3) })).includes(aws.host))
})

test('a store beside the connector is told which Secret changes while it is read', async () => {
  const trouble = { connector: ofKey, view: { keyValues: () => undefined }, lookUp: changing }
  for (const isGoing of [false, true]) assert.ok((await told('ml', trouble, isGoing)).includes('ml/lender-secret'))
})

describe('a borrower is told of its own bucket', () => {
  const cases: [code: string, words: string][] = [
    ['NoSuchBucket', 'there is no bucket \\"bucket\\" at its endpoint: create it, or correct spec.path'],
    ['AccessDenied', 'denied on s3://bucket/team/ for ServiceConnector \\"platform/minio\\"'],
    ['InvalidAccessKeyId', 'ServiceConnector \\"platform/minio\\": SessionExpired: its owner can see why'],
  ]
  for (const [code, words] of cases) {
    test(`when S3 answers ${code}`, async () => {
      const text = await told('platform', { reply: answering(403, code, S3) })
      assert.ok(text.includes(words), text)
    })
  }
})

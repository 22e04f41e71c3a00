import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Exchange,
  type ScriptedServer,
  type Step,
  startScriptedServer,
} from '../../../../test/support/scripted-server.ts'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { isFailure } from '../../../api/failures.ts'
import type { ProbeRequest, Session } from '../../provider.ts'
import { createS3Provider } from '../provider.ts'

type Reply = [status: number, body: string, type?: string]

/** Errors as S3 has them, which some services also give for calls of STS. */
const s3 = (status: number, code: string, message = '', more = ''): Reply => [
  status,
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`,
]
const sts = (status: number, code: string, message = ''): Reply => [
  status,
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
]
const NO_BUCKETS: Reply = [200, '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>']
const WITHOUT_STS = s3(405, 'MethodNotAllowed')

const PROBE: ProbeRequest = {
  location: { bucket: 'ml', prefix: '', uri: 's3://ml' },
  encryption: { type: 'None' },
  writeProbe: 'None',
  probeId: 'p',
  required: [],
}

const KEY: AwsSpec['auth'] = { accessKey: { secretName: 'keys' } }
const WEB: AwsSpec['auth'] = {
  webIdentity: { serviceAccountName: 'pipelines', roleArn: 'arn:aws:iam::000000000000:role/ml' },
}
const ROLE = { assumeRoles: [{ roleArn: 'arn:aws:iam::000000000000:role/ml' }] }

const VALUES: Record<string, string> = { aws_access_key_id: 'GK1', aws_secret_access_key: 'hush-hush' }

interface Service {
  name: string
  aws: Partial<AwsSpec> & Pick<AwsSpec, 'auth'>
  /** Answers to calls of STS and of S3. */
  sts: Reply
  s3?: Reply
  reason: string
  message: RegExp
}

const services: Service[] = [
  {
    name: 'Ceph RGW has no such role',
    aws: { auth: KEY, ...ROLE },
    sts: s3(404, 'NoSuchEntity'),
    reason: 'RoleNotFound',
    message: /role\/ml refused by .* \(NoSuchEntity\): there is no such role/,
  },
  {
    name: "Ceph RGW's role does not trust the user",
    aws: { auth: KEY, ...ROLE },
    sts: s3(403, 'AccessDenied'),
    reason: 'RoleNotTrusted',
    message: /let its trust policy allow sts:AssumeRole to the user of the key of Secret "ml\/keys"/,
  },
  {
    name: 'Ceph RGW refuses the token of a ServiceAccount',
    aws: { auth: WEB },
    sts: s3(403, 'AccessDenied'),
    reason: 'RoleNotTrusted',
    message: /AssumeRoleWithWebIdentity/,
  },
  {
    name: 'Ceph RGW does not give sessions to users',
    aws: { auth: KEY, issue: 'SessionToken' },
    sts: s3(403, 'AccessDenied'),
    reason: 'IssueRefused',
    message: /allow its user sts:GetSessionToken if the service has it, or use spec\.aws\.issue: AssumeRole or Static/,
  },
  {
    name: 'Garage has no AssumeRole',
    aws: { auth: KEY, issue: 'AssumeRole' },
    sts: s3(400, 'InvalidRequest', 'Bad request: Missing X-Amz-Content-Sha256 field', '<Region>us-east-1</Region>'),
    reason: 'IssueNotSupported',
    message:
      /has no AssumeRole: .*issue: Static \(the service says: "Bad request: Missing X-Amz-Content-Sha256 field"\)$/,
  },
  {
    name: 'Garage has no GetSessionToken',
    aws: { auth: KEY, issue: 'SessionToken' },
    sts: s3(400, 'InvalidRequest', 'Bad request: Missing X-Amz-Content-Sha256 field'),
    reason: 'IssueNotSupported',
    message: /has no GetSessionToken/,
  },
  {
    name: 'Garage has no web identities',
    aws: { auth: WEB },
    sts: s3(403, 'AccessDenied', 'Forbidden: Garage does not support anonymous access yet'),
    reason: 'IssueNotSupported',
    message: /has no AssumeRoleWithWebIdentity: use spec\.aws\.auth\.accessKey/,
  },
  {
    name: 'a redirect in the form of S3 says nothing of calls',
    aws: { auth: WEB },
    sts: s3(307, 'TemporaryRedirect', 'Please resend this request'),
    reason: 'WrongRegion',
    message: /is in another region/,
  },
  {
    name: 'Garage does not know the key',
    aws: { auth: KEY },
    sts: s3(400, 'InvalidRequest'),
    s3: s3(403, 'AccessDenied', 'Forbidden: No such key: GK31c2f218a2e44f485b94239e'),
    reason: 'CredentialsRejected',
    message:
      /the key of Secret "ml\/keys" \(InvalidAccessKeyId\): check .* \(the service says: "Forbidden: No such key"\)$/,
  },
  {
    name: 'Garage wants another secret',
    aws: { auth: KEY },
    sts: s3(400, 'InvalidRequest'),
    s3: s3(403, 'AccessDenied', 'Forbidden: Invalid signature'),
    reason: 'CredentialsRejected',
    message: /\(SignatureDoesNotMatch\): check .*"Forbidden: Invalid signature"/,
  },
  {
    name: 'Garage is in another region, and names it',
    aws: { auth: KEY },
    sts: s3(400, 'InvalidRequest'),
    s3: s3(
      400,
      'AuthorizationHeaderMalformed',
      "Authorization header malformed, unexpected scope: '20261129/us-east-1/s3/aws4_request', expected: '20261129/garage/s3/aws4_request'",
    ),
    reason: 'WrongRegion',
    message: /in another region, not in "garage"/,
  },
  {
    name: 'VersityGW knows the key, and has no GetFederationToken',
    aws: { auth: KEY, issue: 'FederationToken' },
    sts: sts(403, 'SignatureDoesNotMatch', "Credential should be scoped to correct service: 'iam'"),
    reason: 'IssueNotSupported',
    message:
      /has no GetFederationToken: use spec\.aws\.issue: .*Static \(the service says: "Credential should be scoped/,
  },
  {
    name: "VersityGW's role takes another subject",
    aws: { auth: WEB },
    sts: sts(400, 'InvalidIdentityToken', 'The web identity token is not valid for this role'),
    reason: 'TokenRejected',
    message: /let the role take the subject "system:serviceaccount:ml:pipelines"/,
  },
  {
    name: 'SeaweedFS wants a role by name',
    aws: { auth: KEY, issue: 'AssumeRole' },
    sts: sts(
      403,
      'AccessDenied',
      'user root is not authorized to assume role arn:aws:iam::000000000000:role/artifact-store-operator',
    ),
    reason: 'AssumeRoleRefused',
    message:
      /name a role that it may assume there in spec\.aws\.assumeRoles, or use .*FederationToken or Static.*"user root is not authorized to assume role arn:aws:iam::000000000000:role\//,
  },
  {
    name: 'SeaweedFS has no GetSessionToken',
    aws: { auth: KEY, issue: 'SessionToken' },
    sts: sts(403, 'AccessDenied', 'IAM write operations are disabled on this server'),
    reason: 'IssueRefused',
    message: /if the service has it, .*"IAM write operations are disabled on this server"/,
  },
  {
    name: 'a port speaks TLS, and Go says so',
    aws: { auth: KEY },
    sts: [400, 'Client sent an HTTP request to an HTTPS server.\n', 'text/plain'],
    s3: [400, 'Client sent an HTTP request to an HTTPS server.\n', 'text/plain'],
    reason: 'InsecureEndpoint',
    message: /^127\.0\.0\.1:\d+ \(spec\.aws\.endpoint\) speaks TLS: write https:\/\/ in its URL/,
  },
  {
    name: 'a port speaks TLS, and nginx says so',
    aws: { auth: KEY },
    sts: [
      400,
      '<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>',
      'text/html',
    ],
    s3: [
      400,
      '<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>',
      'text/html',
    ],
    reason: 'InsecureEndpoint',
    message: /speaks TLS: write https:\/\//,
  },
]

describe('what services other than AWS answer is understood', () => {
  const provider = createS3Provider({ now: () => new Date() })
  let server: ScriptedServer
  let answer: Step
  before(async () => {
    server = await startScriptedServer()
    server.script(...Array(500).fill((exchange: Exchange) => answer(exchange)))
  })
  after(async () => {
    provider.close()
    await server.close()
  })

  async function open({ aws, sts, s3 = NO_BUCKETS }: Pick<Service, 'aws' | 'sts' | 's3'>) {
    answer = ({ method, response }) => {
      const [status, body, type = 'application/xml'] = method === 'POST' ? sts : s3
      response.writeHead(status, { 'content-type': type }).end(body)
    }
    const identity = provider.identity(
      { aws: { endpoint: server.url, ...aws } },
      {
        connector: { namespace: 'ml', name: 'c', uid: 'u' },
        value: ({ key }) => VALUES[key],
        serviceAccount: { name: 'pipelines', annotations: {}, token: async () => 'a.b.c' },
      },
    )
    assert.ok(!isFailure(identity))
    return provider.open(identity, AbortSignal.timeout(10_000))
  }

  for (const { name, reason, message, ...service } of services) {
    test(name, async () => {
      const opened = await open(service)
      assert.ok(isFailure(opened))
      assert.equal(opened.reason, reason)
      assert.match(opened.message, message)
      assert.doesNotMatch(opened.message, /hush|a\.b\.c|GK/)
    })
  }

  test('a key whose every proof is refused is not said to be proven', async () => {
    const opened = (await open({ aws: { auth: KEY }, sts: WITHOUT_STS, s3: s3(403, 'AccessDenied') })) as Session
    assert.match(opened.unproven ?? '', /^127\.0\.0\.1:\d+ answers, but refused ListBuckets .*the key may be wrong/)
    const probe = await opened.probe(PROBE, AbortSignal.timeout(10_000))
    assert.ok(!isFailure(probe))
    const cures = probe.permissions.flatMap(({ cure }) => cure ?? [])
    assert.ok(cures.length > 0 && cures.every(cure => cure.includes('or correct the key')), JSON.stringify(probe))
  })

  test('a bucket that may neither be seen nor created is said to be so', async () => {
    const opened = (await open({ aws: { auth: KEY }, sts: WITHOUT_STS, s3: s3(403, 'AccessDenied') })) as Session
    const wish = { location: PROBE.location, create: true, ruleId: 'r' }
    assert.ok(!isFailure(await opened.prepare(wish, AbortSignal.timeout(10_000))))
    const probe = await opened.probe(PROBE, AbortSignal.timeout(10_000))
    assert.ok(!isFailure(probe))
    assert.match(
      probe.permissions[0]?.cure ?? '',
      /may neither see bucket "ml" nor create it \(s3:CreateBucket denied\)/,
    )
  })

  test('a key that may list buckets is proven', async () => {
    const opened = (await open({ aws: { auth: KEY }, sts: WITHOUT_STS })) as Session
    assert.equal(opened.unproven, undefined)
  })
})

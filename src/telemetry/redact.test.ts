import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeError, redact } from './redact.ts'

const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl-_x'
const PEM_BODY = 'MIIEpAIBAAKCAQEA7bq'
const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${PEM_BODY}\nabc+/=\n-----END RSA PRIVATE KEY-----`

interface Case {
  name: string
  text: string
  /** Text that must be gone. */
  secret: string
  /** Text that must be left. */
  want: string
}

const cases: Case[] = [
  {
    name: 'SAS in a URL',
    text: 'GET https://acc.blob.core.windows.net/c/o?sv=2024-11-04&sr=c&sig=aB%2Fc%3D&se=2030: 403',
    secret: 'aB%2Fc%3D',
    want: 'GET https://acc.blob.core.windows.net/c/o?sv=2024-11-04&sr=c&sig=[REDACTED]&se=2030: 403',
  },
  {
    name: 'SAS token that starts with its signature',
    text: 'sig=abc&sv=2024',
    secret: 'abc',
    want: 'sig=[REDACTED]&sv=2024',
  },
  {
    name: 'presigned S3 URL',
    text: `https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2030&X-Amz-Security-Token=FwoG%2B&X-Amz-Signature=fe5f80`,
    secret: 'fe5f80',
    want: 'https://b.s3.amazonaws.com/k?X-Amz-Credential=[REDACTED]&X-Amz-Security-Token=[REDACTED]&X-Amz-Signature=[REDACTED]',
  },
  {
    name: 'presigned URL inside a URL',
    text: 'to https://h/?url=https%3A%2F%2Fb%2Fk%3FX-Amz-Security-Token%3DFwoG%26X-Amz-Signature%3Dfe5f80 it went',
    secret: 'FwoG',
    want: 'to https://h/?url=https%3A%2F%2Fb%2Fk%3FX-Amz-Security-Token%3D[REDACTED] it went',
  },
  {
    name: 'token of the metadata service',
    text: 'x-aws-ec2-metadata-token: AQAEAKx1',
    secret: 'AQAEAKx1',
    want: 'x-aws-ec2-metadata-token: [REDACTED]',
  },
  {
    name: 'token of the Pod Identity agent',
    text: 'AWS_CONTAINER_AUTHORIZATION_TOKEN=abc123 is set',
    secret: 'abc123',
    want: 'AWS_CONTAINER_AUTHORIZATION_TOKEN=[REDACTED] is set',
  },
  {
    name: 'authorization header',
    text: `Authorization: Bearer ${JWT}\nHost: x`,
    secret: JWT,
    want: 'Authorization: [REDACTED]\nHost: x',
  },
  {
    name: 'signature version 4 header in JSON',
    text: '{"authorization":"AWS4-HMAC-SHA256 Credential=AKIA/2030, SignedHeaders=host, Signature=fe5f80","host":"x"}',
    secret: 'fe5f80',
    want: '{"authorization":"[REDACTED]","host":"x"}',
  },
  {
    name: 'header in JSON inside JSON',
    text: String.raw`{"msg":"{\"Authorization\":\"SharedKey acc:c2ln\"}"}`,
    secret: 'c2ln',
    want: String.raw`{"msg":"{\"Authorization\":\"[REDACTED]\"}"}`,
  },
  {
    name: 'session token header',
    text: 'x-amz-security-token: FwoGZX',
    secret: 'FwoGZX',
    want: 'x-amz-security-token: [REDACTED]',
  },
  {
    name: 'bearer token alone',
    text: 'used Bearer 0123456789abcdefXYZ for it',
    secret: '0123456789abcdefXYZ',
    want: 'used Bearer [REDACTED] for it',
  },
  {
    name: 'account key in a connection string',
    text: `DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
    secret: KEY,
    want: 'DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=[REDACTED];EndpointSuffix=core.windows.net',
  },
  {
    name: 'SAS in a connection string',
    text: 'BlobEndpoint=https://acc.blob.core.windows.net;SharedAccessSignature=sv=2024&sig=xyz;X=1',
    secret: 'xyz',
    want: 'BlobEndpoint=https://acc.blob.core.windows.net;SharedAccessSignature=[REDACTED];X=1',
  },
  { name: 'JSON web token', text: `token ${JWT} refused`, secret: JWT, want: 'token [REDACTED] refused' },
  { name: 'JSON web token cut off', text: `token ${JWT.slice(0, 40)}`, secret: 'eyJzdWIi', want: 'token [REDACTED]' },
  {
    name: 'access key id',
    text: 'The AWS Access Key Id AKIAIOSFODNN7EXAMPLE does not exist',
    secret: 'IOSFODNN7EXAMPLE',
    want: 'The AWS Access Key Id AKIA[REDACTED] does not exist',
  },
  {
    name: 'secret key in env form',
    text: `AWS_SECRET_ACCESS_KEY=${SECRET} aws s3 ls`,
    secret: SECRET,
    want: 'AWS_SECRET_ACCESS_KEY=[REDACTED] aws s3 ls',
  },
  {
    name: 'short secret in env form',
    text: 'S3_SECRET_ACCESS_KEY=minio123',
    secret: 'minio123',
    want: 'S3_SECRET_ACCESS_KEY=[REDACTED]',
  },
  {
    name: 'name with a prefix',
    text: 'AZURE_CLIENT_SECRET=s3cr~t AZURE_STORAGE_KEY="bXk="',
    secret: 's3cr~t',
    want: 'AZURE_CLIENT_SECRET=[REDACTED] AZURE_STORAGE_KEY="[REDACTED]"',
  },
  {
    name: 'secret key in an ini file',
    text: `aws_secret_access_key: ${SECRET}`,
    secret: SECRET,
    want: 'aws_secret_access_key: [REDACTED]',
  },
  {
    name: 'secret key in JSON',
    text: `{"secretAccessKey":"minio123","region":"x"}`,
    secret: 'minio123',
    want: '{"secretAccessKey":"[REDACTED]","region":"x"}',
  },
  {
    name: 'secret key in JSON inside JSON',
    text: String.raw`{"msg":"{\"SessionToken\": \"FwoG\"}"}`,
    secret: 'FwoG',
    want: String.raw`{"msg":"{\"SessionToken\": \"[REDACTED]\"}"}`,
  },
  {
    name: 'credentials in an STS answer',
    text: `<Credentials><SecretAccessKey>${SECRET}</SecretAccessKey><Expiration>2030</Expiration></Credentials>`,
    secret: SECRET,
    want: '<Credentials><SecretAccessKey>[REDACTED]</SecretAccessKey><Expiration>2030</Expiration></Credentials>',
  },
  {
    name: 'client secret in a form',
    text: 'client_id=abc&client_secret=s3cr~t&grant_type=client_credentials',
    secret: 's3cr~t',
    want: 'client_id=abc&client_secret=[REDACTED]&grant_type=client_credentials',
  },
  {
    name: 'PEM key',
    text: `key:\n${PEM}\nend`,
    secret: PEM_BODY,
    want: 'key:\n[REDACTED PRIVATE KEY]\nend',
  },
  {
    name: 'PEM key in JSON',
    text: JSON.stringify({ tls: PEM, n: 1 }),
    secret: PEM_BODY,
    want: '{"tls":"[REDACTED PRIVATE KEY]","n":1}',
  },
  {
    name: 'PEM key cut off in JSON',
    text: JSON.stringify({ tls: PEM.slice(0, 45), n: 1 }),
    secret: 'MIIEp',
    want: '{"tls":"[REDACTED PRIVATE KEY]","n":1}',
  },
  {
    name: 'password in a URL',
    text: 'proxy http://bob:hunter2@proxy:3128/ refused',
    secret: 'hunter2',
    want: 'proxy http://[REDACTED]@proxy:3128/ refused',
  },
  {
    name: 'token as user of a URL',
    text: 'https://ghp_abc@github.com/x',
    secret: 'ghp_abc',
    want: 'https://[REDACTED]@github.com/x',
  },
]

for (const { name, text, secret, want } of cases) {
  test(`redacts: ${name}`, () => {
    const clean = redact(text)
    assert.equal(clean, want)
    assert.ok(!clean.includes(secret))
    assert.equal(redact(clean), clean, 'a second pass changes nothing')
    if (text.startsWith('{')) assert.doesNotThrow(() => JSON.parse(clean), 'JSON stays JSON')
  })
}

const harmless = [
  's3:PutObject denied on s3://ml/prod/ for arn:aws:iam::123456789012:role/artifacts',
  'abfss://container@account.dfs.core.windows.net/prefix is unreachable',
  'Secret ml/keys has no key "aws_secret_access_key": add it or set spec.aws.auth.accessKey.secretAccessKeyKey',
  'spec.aws.auth.accessKey.secretName: Required',
  'secretAccessKey: required',
  'AuthorizationPermissionMismatch: this request is not authorized',
  'connect ECONNREFUSED https://minio.ml.svc:9000/bucket',
  '{"level":"info","secretName":"prod-step","expiresAt":"2030-01-01T00:00:00Z","generation":3}',
  'Basic authentication is not supported; Bearer authentication is',
]

for (const text of harmless) {
  test(`leaves alone: ${text}`, () => assert.equal(redact(text), text))
}

test('describeError joins causes on one line, says each thing once, and redacts', () => {
  const root = new Error(`connect failed: https://u:${'p'.repeat(5)}@h/`)
  const error = new Error('fetch failed', { cause: new Error('fetch failed', { cause: root }) })
  assert.equal(describeError(error), 'fetch failed: connect failed: https://[REDACTED]@h/')
  assert.equal(describeError(new Error('one\n  two')), 'one two')
})

test('describeError always says something', () => {
  const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:443'), new Error('other')])
  assert.equal(
    describeError(new TypeError('fetch failed', { cause: refused })),
    'fetch failed: connect ECONNREFUSED ::1:443',
  )
  assert.equal(describeError(new RangeError('')), 'RangeError')
  assert.equal(describeError('plain'), 'plain')
  assert.equal(describeError(new Error('x'.repeat(5000))).length, 1003)
})

/** What services hand back is judged before it goes into files that programs of others read. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../src/api/failures.ts'
import type { AwsMaterial, AzureMaterial } from '../../src/api/material.ts'
import { render } from '../../src/formats/index.ts'
import { rclone } from '../../src/formats/rclone.ts'
import { createAzureProvider } from '../../src/providers/azure/provider.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { ACCOUNT_KEY, resultOf } from '../support/azure.ts'
import { connectionString, resolved, sasToken, spec } from '../support/azure-connector.ts'
import { callerIdentity, startFakeAws, stsCredentials } from '../support/clouds/fake-aws.ts'
import { aws, awsIdentity, azure, azureIdentity, context } from '../support/materials.ts'

const none = new AbortController().signal
const SOON = new Date(Date.now() + 3_600_000)
const TORN = 'AK&#10;type = webdav&#10;bearer_token_command = touch /tmp/x'

/** Opens a session with an access key, and asks for credentials for a consumer. */
async function granted(answer: (action: string) => ReturnType<typeof stsCredentials>) {
  const fake = await startFakeAws(({ action }) => answer(action))
  try {
    const provider = createS3Provider({ now: () => new Date() })
    const connector = { namespace: 'ml', name: 'minio', uid: 'u' }
    const value = ({ key }: { key: string }) => (key === 'aws_session_token' ? undefined : `value-of-${key}`)
    const aws = { endpoint: fake.url, auth: { accessKey: { secretName: 's' } } }
    const identity = provider.identity({ aws }, { connector, value })
    assert.ok(!isFailure(identity))
    const session = await provider.open(identity, none)
    if (isFailure(session)) return session
    const location = { bucket: 'b', prefix: '', uri: 's3://b' }
    const request = { location, encryption: { type: 'None' }, access: 'ReadOnly', durationMs: 3_600_000 } as const
    const made = await session.grant({ ...request, sessionName: 'x' }, none)
    session.close()
    return made
  } finally {
    await fake.close()
  }
}

const issued = (change: (body: string) => string) => (action: string) => {
  if (action === 'GetCallerIdentity') return callerIdentity('arn:aws:iam::1:user/x')
  if (action.startsWith('GET /'))
    return { status: 200, body: '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>' }
  const reply = stsCredentials(action, 'ASIA', SOON, 'arn:aws:sts::1:assumed-role/x/y')
  return { ...reply, body: change(reply.body ?? '') }
}

describe('credentials of STS', () => {
  const cases: [name: string, change: (body: string) => string, expected: string][] = [
    ['as they should be', body => body, 'ok'],
    ['a key id of several lines', body => body.replace('>ASIA<', `>${TORN}<`), 'AccessKeyId is no key id'],
    ['a key of several lines', body => body.replace('secret-of-ASIA', TORN), 'SecretAccessKey is no key'],
    ['a token of several lines', body => body.replace('token-of-ASIA', TORN), 'SessionToken is no token'],
    ['a token with white space', body => body.replace('token-of-ASIA', 'a b'), 'SessionToken is no token'],
    ['a token too long', body => body.replace('token-of-ASIA', 'a'.repeat(9000)), 'SessionToken is no token'],
    ['an element for a key', body => body.replace('secret-of-ASIA', '<a>b</a>'), 'UnexpectedAnswer'],
    [
      'an end after the year 9999',
      body => body.replace(SOON.toISOString(), '+020000-01-01T00:00:00Z'),
      'UnexpectedAnswer',
    ],
  ]
  for (const [name, change, expected] of cases) {
    test(`credentials that STS issues are judged: ${name}`, async () => {
      const made = await granted(issued(change))
      if (expected === 'ok') return assert.equal(resultOf(made), 'ok')
      assert.equal(resultOf(made), 'stalled UnexpectedAnswer')
      assert.ok(isFailure(made))
      assert.match(JSON.stringify(made), new RegExp(expected))
      assert.doesNotMatch(made.message, /webdav|secret-of/)
    })
  }
})

describe('credentials of Azure', () => {
  const provider = createAzureProvider({ now: () => new Date() })
  const judged = (auth: Parameters<typeof spec>[0], values: Record<string, string>) =>
    provider.identity(spec(auth), resolved(values))
  const account = `AccountName=acme;AccountKey=${ACCOUNT_KEY}`

  const cases: [name: string, auth: Parameters<typeof spec>[0], values: Record<string, string>][] = [
    ['a SAS token with another part of a connection string', sasToken, { sas_token: 'sv=1&sig=1;BlobEndpoint=x' }],
    ['a SAS token with quotes', sasToken, { sas_token: 'sv=1&sp=rl&sig="' }],
    ['a SAS token that ends after the year 9999', sasToken, { sas_token: 'sv=1&sr=c&sp=rl&sig=a&se=%2B020000-01-01' }],
    ['a SAS token too long', sasToken, { sas_token: `sv=1&sig=${'a'.repeat(9000)}` }],
    ['a URL with quotes', connectionString, { connection_string: `${account};BlobEndpoint=https://a"b` }],
    [
      'a URL with a path of its own',
      connectionString,
      { connection_string: `${account};BlobEndpoint=https://a/b/../c` },
    ],
  ]
  for (const [name, auth, values] of cases) {
    test(`what a Secret has for Azure is judged: ${name}`, () =>
      assert.equal(resultOf(judged(auth, values)), 'stalled InvalidCredentials'))
  }
})

describe('formats', () => {
  const FORMATS = [
    'AwsProfile',
    'Env',
    'WebIdentity',
    'ZenML',
    'Turborepo',
    'OpenMetadata',
    'ArgoWorkflows',
    'Hadoop',
    'Rclone',
  ] as const
  const torn = 'a\ntype = webdav'

  for (const member of ['accessKeyId', 'secretAccessKey', 'sessionToken', 'region', 'url', 'endpoint'] as const) {
    test(`no format writes credentials of several lines: ${member} of AWS`, () => {
      for (const format of FORMATS) {
        const material: AwsMaterial = { ...awsIdentity, [member]: torn }
        assert.equal(resultOf(render([format], material, context)), 'stalled CredentialsUnwritable', format)
      }
    })
  }
  for (const member of ['sasToken', 'accountName', 'blobEndpoint'] as const) {
    test(`no format writes credentials of several lines: ${member} of Azure`, () => {
      for (const format of ['Env', 'ZenML', 'Rclone', 'Hadoop'] as const) {
        const material: AzureMaterial = { ...azure, [member]: torn }
        assert.equal(resultOf(render([format], material, context)), 'stalled CredentialsUnwritable', format)
      }
    })
  }
  test('no format writes credentials of several lines: tokens of ServiceAccounts', () => {
    const { webIdentity } = awsIdentity
    const { workloadIdentity } = azureIdentity
    assert.ok(webIdentity && workloadIdentity)
    for (const material of [
      { ...awsIdentity, webIdentity: { ...webIdentity, token: torn } },
      { ...azureIdentity, workloadIdentity: { ...workloadIdentity, clientId: torn } },
    ]) {
      assert.equal(resultOf(render(['WebIdentity'], material, context)), 'stalled CredentialsUnwritable')
    }
  })

  test('rclone.conf has no line that a value brought with it, whoever calls the format', () => {
    const data = rclone.aws({ ...aws, accessKeyId: torn }, { ...context, formats: ['Rclone'] })
    assert.ok(isFailure(data))
    assert.doesNotMatch(data.message, /webdav/)
  })
})

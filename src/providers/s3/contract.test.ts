/** The promises of provider.ts, on S3 and its STS. */
import { createCertificateAuthority } from '../../../test/cluster/certificates.ts'
import { type FakeS3, startFakeS3 } from '../../../test/support/clouds/fake-s3.ts'
import { awsMaterial } from '../../../test/support/granted.ts'
import { aws as issued } from '../../../test/support/materials.ts'
import type { AwsSpec } from '../../api/aws-connector.ts'
import { type Given, PREFIX, type ProviderLab, type Rights, type Way } from '../lab.contract.ts'
import { describeProviderContract } from '../provider.contract.ts'
import type { Grant } from '../provider.ts'
import { createS3Provider } from './provider.ts'

const KEYS: AwsSpec['auth'] = { accessKey: { secretName: 'keys' } }
const ROLE_ARN = 'arn:aws:iam::1:role/ml'
const OTHER_ROLE_ARN = 'arn:aws:iam::1:role/other'
const TOKEN: AwsSpec['auth'] = { webIdentity: { serviceAccountName: 'pipelines' } }

interface S3Way extends Way {
  auth: AwsSpec['auth']
  more?: Partial<AwsSpec>
}

const OPTIONAL = ['aws_session_token']

const WAYS: S3Way[] = [
  { name: 'a key', auth: KEYS, optional: OPTIONAL },
  { name: 'a key that is handed on', auth: KEYS, optional: OPTIONAL, more: { issue: 'Static' } },
  {
    name: 'a key and a role',
    auth: KEYS,
    optional: OPTIONAL,
    more: { assumeRoles: [{ roleArn: ROLE_ARN }] },
    ends: true,
  },
  { name: 'a web identity', auth: TOKEN, ends: true, token: true },
  { name: 'the identity of the operator', auth: { implicit: {} }, pureOnly: true },
]

const authority = await createCertificateAuthority('test')
const otherAuthority = await createCertificateAuthority('other')

const VALUES = {
  aws_access_key_id: 'AKIAHUSH',
  aws_secret_access_key: 'secret-hush',
  aws_session_token: 'session-hush',
  'ca.crt': authority.certPem,
}

async function createLab(name: string): Promise<ProviderLab> {
  const way = WAYS.find(way => way.name === name)
  if (!way) throw new Error(`no way ${name}`)
  const service = await startFakeS3()
  const provider = createS3Provider({ now: () => new Date() })
  const { auth, more, pureOnly } = way
  // The operator itself trusts no CAs of connectors, and goes nowhere over http.
  const aws: AwsSpec = pureOnly
    ? { auth, endpoint: 'https://127.0.0.1:9000' }
    : { auth, endpoint: service.url, caBundle: { configMapKeyRef: { name: 'ca', key: 'ca.crt' } }, ...more }
  const given: Given = {
    spec: { aws },
    values: VALUES,
    annotations: { 'eks.amazonaws.com/role-arn': ROLE_ARN },
    token: `x.${Buffer.from('{"sub":"token-hush"}').toString('base64url')}.token-hush`,
  }
  return {
    ...{ provider, service, given },
    others: othersOf(way, given, aws),
    elsewhere: { aws: { ...aws, endpoint: 'http://127.0.0.2:9000' } },
    secrets: ['hush', given.token, 'secret-of-', 'token-of-', issued.secretAccessKey, issued.sessionToken ?? ''],
    locationOf: (bucket, prefix) => ({ bucket, prefix, uri: `s3://${bucket}/${prefix}`.replace(/\/$/, '') }),
    rightsOf: grant => rightsOf(service, grant),
    issued: { ...issued, endpoint: service.url, url: service.url, prefix: PREFIX, bucket: 'data' },
    extraPermission: 's3:ListAllMyBuckets',
    wishes: [{}, { versioning: 'Enabled' }, { expirationDays: 7 }],
    settings: {
      lifecycle:
        '<LifecycleConfiguration><Rule><ID>theirs</ID><Filter><Prefix>x</Prefix></Filter><Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>',
    },
    shared: /[?&](versioning|location|uploads)=|x-id=ListBuckets/,
    async close() {
      provider.close()
      await service.close()
    },
  }
}

function othersOf(
  { auth, pureOnly }: S3Way,
  { values, annotations }: Given,
  aws: AwsSpec,
): Record<string, Partial<Given>> {
  const valued = (key: string, value: string) => ({ [key]: { values: { ...values, [key]: value } } })
  const specified = (change: Partial<AwsSpec>) => ({
    [Object.keys(change).join()]: { spec: { aws: { ...aws, ...change } } },
  })
  return {
    ...specified({ region: 'eu-west-1' }),
    ...specified({ endpoint: 'https://127.0.0.2:9000' }),
    ...specified({ stsEndpoint: 'https://127.0.0.3:9000' }),
    ...specified({ addressingStyle: 'Virtual' }),
    ...specified({ assumeRoles: [{ roleArn: OTHER_ROLE_ARN }], issue: 'AssumeRole' }),
    ...(pureOnly ? {} : valued('ca.crt', otherAuthority.certPem)),
    ...(auth.accessKey && {
      ...valued('aws_access_key_id', 'AKIAOTHER'),
      ...valued('aws_secret_access_key', 'other'),
      ...valued('aws_session_token', 'other'),
      'another secret': { spec: { aws: { ...aws, auth: { accessKey: { secretName: 'other' } } } } },
      'no session token': { values: { ...values, aws_session_token: undefined } },
    }),
    ...(auth.webIdentity && {
      'another role': { annotations: { ...annotations, 'eks.amazonaws.com/role-arn': OTHER_ROLE_ARN } },
      audience: { spec: { aws: { ...aws, auth: { webIdentity: { ...auth.webIdentity, audience: 'other' } } } } },
      account: { spec: { aws: { ...aws, auth: { webIdentity: { serviceAccountName: 'other' } } } } },
    }),
  }
}

interface Statement {
  Action: string[]
  Resource: string | string[]
}

/** What the session policy of a key allows; without one all. */
function rightsOf({ policies }: FakeS3, grant: Grant): Rights {
  const { accessKeyId, bucket } = awsMaterial(grant)
  const policy = policies.get(accessKeyId)
  if (policy === undefined) return { bucket, prefix: '', reads: true, writes: true, extra: true }
  const { Statement: statements } = JSON.parse(policy) as { Statement: Statement[] }
  const actions = statements.flatMap(({ Action }) => Action)
  const objects = statements.find(({ Action }) => Action.some(action => /^s3:(Get|Put)Object$/.test(action)))
  const [, named = '', prefix = ''] = /^arn:aws:s3:::([^/]+)\/(.*)\*$/.exec(`${objects?.Resource}`) ?? []
  return {
    ...{ bucket: named, prefix },
    reads: actions.includes('s3:GetObject'),
    writes: actions.includes('s3:PutObject'),
    extra: actions.includes('s3:ListAllMyBuckets'),
  }
}

describeProviderContract({ cloud: 'aws', ways: WAYS, createLab })

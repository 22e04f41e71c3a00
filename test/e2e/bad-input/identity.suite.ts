/** Connectors whose Secret, key, ServiceAccount or role is not what it should be. */
import { SERVICE_ACCOUNTS } from '../../../src/kube/resource.ts'
import { ACCOUNT, may } from '../../cluster/moto-admin.ts'
import { type AwsInputWorld, atAws, atAwsAs, atMinio, type Row } from './aws-world.ts'

const SECRET = 'spec.aws.auth.accessKey.secretName'
const WEB_IDENTITY = 'spec.aws.auth.webIdentity'
const ID = 'AKIAIOSFODNN7EXAMPLE'
const CHECK_KEY = 'check that the key exists, is enabled, and that its secret is the right one'

const secrets: Row[] = [
  {
    name: 'secret-missing',
    connector: (_, name) => atAws(name),
    reason: 'SecretNotFound',
    says: [SECRET, 'create it'],
  },
  {
    name: 'secret-unlabelled',
    arrange: ({ secret }, name) =>
      secret(name, { aws_access_key_id: ID, aws_secret_access_key: 'unlabelled-secret' }, false),
    connector: (_, name) => atAws(name),
    reason: 'SecretNotLabelled',
    says: [SECRET, 'kubectl label secret secret-unlabelled -n bad artifactstore.dev/credentials=true'],
  },
  {
    name: 'key-missing',
    arrange: ({ secret }, name) => secret(name, { aws_access_key_id: ID, secret: 'under-another-name' }),
    connector: (_, name) => atAws(name),
    reason: 'SecretKeyMissing',
    says: [SECRET, 'no key "aws_secret_access_key"', 'add the key'],
  },
  {
    name: 'key-empty',
    arrange: ({ secret }, name) => secret(name, { aws_access_key_id: ID, aws_secret_access_key: '' }),
    connector: (_, name) => atAws(name),
    reason: 'SecretKeyEmpty',
    says: [SECRET, '"aws_secret_access_key"', 'fill it in'],
  },
  {
    name: 'key-blank',
    arrange: ({ secret }, name) => secret(name, { aws_access_key_id: ID, aws_secret_access_key: ' \n' }),
    connector: (_, name) => atAws(name),
    reason: 'InvalidCredentials',
    says: [SECRET, '"aws_secret_access_key"', 'store the bare value'],
  },
  {
    name: 'key-with-line-break',
    arrange: ({ secret }, name) =>
      secret(name, { aws_access_key_id: ID, aws_secret_access_key: 'first-half\nother-half' }),
    connector: (_, name) => atAws(name),
    reason: 'InvalidCredentials',
    says: [SECRET, '"aws_secret_access_key"', 'store the bare value'],
  },
]

const keys: Row[] = [
  {
    name: 'key-unknown',
    arrange: ({ keySecret }, name) => keySecret(name, { accessKeyId: ID, secretAccessKey: 'of-an-unknown-key' }),
    connector: (_, name) => atAws(name),
    reason: 'CredentialsRejected',
    says: ['Secret "bad/key-unknown"', CHECK_KEY],
  },
  {
    name: 'secret-wrong',
    async arrange({ admin, keySecret }, name) {
      const key = await admin.createUser(name, [may('s3:*')])
      await keySecret(name, { ...key, secretAccessKey: 'not-the-right-one' })
    },
    connector: (_, name) => atAws(name),
    reason: 'CredentialsRejected',
    says: ['Secret "bad/secret-wrong" (SignatureDoesNotMatch)', CHECK_KEY],
  },
  {
    name: 'user-disabled',
    async arrange({ admin, user }, name) {
      const { accessKeyId } = await user(name, [may('s3:*')])
      await admin.setKeyEnabled(name, accessKeyId, false)
    },
    connector: (_, name) => atAws(name),
    reason: 'CredentialsRejected',
    says: ['Secret "bad/user-disabled"', CHECK_KEY],
  },
  {
    name: 'session-token-wrong',
    async arrange({ admin, keySecret }, name) {
      const key = await admin.createUser(name, [may('s3:*')])
      await keySecret(name, { ...key, sessionToken: 'a-made-up-session-token' })
    },
    connector: (_, name) => atAws(name),
    reason: 'CredentialsRejected',
    says: ['Secret "bad/session-token-wrong"', CHECK_KEY],
  },
  {
    name: 'minio-key-unknown',
    arrange: ({ keySecret }, name) =>
      keySecret(name, { accessKeyId: 'unknown-key-id', secretAccessKey: 'unknown-secret' }),
    connector: (world, name) => atMinio(world, { auth: { accessKey: { secretName: name } } }),
    reason: 'CredentialsRejected',
    says: ['(InvalidAccessKeyId)', CHECK_KEY],
  },
  {
    name: 'minio-secret-wrong',
    arrange: ({ keySecret }, name) =>
      keySecret(name, { accessKeyId: 'bad-minio-user', secretAccessKey: 'not-that-of-the-user' }),
    connector: (world, name) => atMinio(world, { auth: { accessKey: { secretName: name } } }),
    reason: 'CredentialsRejected',
    says: ['(SignatureDoesNotMatch)', CHECK_KEY],
  },
  {
    name: 'minio-user-disabled',
    async arrange({ tenant, minio, secrets }, name) {
      const { accessKeyId, secretAccessKey } = await tenant.user(name, 'readwrite')
      secrets.add(secretAccessKey)
      await minio.admin.setUserEnabled(accessKeyId, false)
    },
    connector: (world, name) => atMinio(world, { auth: { accessKey: { secretName: name } } }),
    reason: 'CredentialsRejected',
    says: ['Secret "bad/minio-user-disabled"', CHECK_KEY],
  },
  {
    name: 'implicit-not-allowed',
    connector: () => ({ aws: { auth: { implicit: {} } } }),
    reason: 'ImplicitAuthNotAllowed',
    says: ['spec.aws.auth.implicit', '--allow-implicit-auth'],
  },
]

/** Creates a role that trusts tokens of the cluster's issuer, but for the ServiceAccount of another namespace. */
async function webRole({ admin, controlPlane }: AwsInputWorld, name: string, account = ACCOUNT): Promise<void> {
  const provider = controlPlane.issuer.replace('https://', '')
  const Principal = { Federated: `arn:aws:iam::${account}:oidc-provider/${provider}` }
  const Condition = { StringEquals: { [`${provider}:sub`]: 'system:serviceaccount:other:runner' } }
  await admin.createRole(name, { trust: [{ Principal, Condition }], may: [may('s3:*')], account })
}

const roleArn = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`
const UNKNOWN_ACCOUNT = '111111111111'

const webIdentities: Row[] = [
  {
    name: 'service-account-missing',
    connector: () => atAwsAs('nobody', { roleArn: roleArn('any') }),
    reason: 'ServiceAccountNotFound',
    says: [WEB_IDENTITY, 'create it, or name another'],
  },
  {
    name: 'audience-not-allowed',
    connector: () => atAwsAs('runner', { roleArn: roleArn('any'), audience: 'vault' }),
    reason: 'AudienceNotAllowed',
    says: [WEB_IDENTITY, '"vault"', '--allowed-audiences'],
  },
  {
    name: 'audience-of-the-api-server',
    connector: ({ controlPlane }) => atAwsAs('runner', { roleArn: roleArn('any'), audience: controlPlane.issuer }),
    reason: 'AudienceNotAllowed',
    says: [WEB_IDENTITY, '--allowed-audiences'],
  },
  {
    name: 'audience-fenced',
    connector: () => atAwsAs('runner', { roleArn: roleArn('any'), audience: 'other' }),
    reason: 'TokenForbidden',
    says: ['ServiceAccount "bad/runner"', 'ValidatingAdmissionPolicy'],
  },
  {
    name: 'role-not-set',
    connector: () => atAwsAs('runner'),
    reason: 'RoleNotSet',
    says: [WEB_IDENTITY, 'set roleArn, or annotate ServiceAccount "bad/runner"'],
  },
  {
    name: 'role-annotation-malformed',
    async arrange({ tenant }, name) {
      const annotations = { 'eks.amazonaws.com/role-arn': 'my-role' }
      await tenant.world.client.create(SERVICE_ACCOUNTS, {
        ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
        metadata: { name, namespace: 'bad', annotations },
      })
    },
    connector: (_, name) => atAwsAs(name),
    reason: 'InvalidRoleArn',
    says: ['annotation eks.amazonaws.com/role-arn', 'write for example arn:aws:iam::'],
  },
  {
    name: 'issuer-not-trusted',
    arrange: (world, name) => webRole(world, name, UNKNOWN_ACCOUNT),
    connector: (_, name) => atAwsAs('runner', { roleArn: roleArn(name, UNKNOWN_ACCOUNT) }),
    reason: 'IssuerNotTrusted',
    says: ['create an IAM OIDC provider for issuer'],
  },
  {
    name: 'role-not-trusting',
    async arrange(world, name) {
      await world.admin.createIssuer(world.controlPlane.issuer, 'sts.amazonaws.com')
      await webRole(world, name)
    },
    connector: (_, name) => atAwsAs('runner', { roleArn: roleArn(name) }),
    reason: 'RoleNotTrusted',
    says: ['trust policy', 'subject "system:serviceaccount:bad:runner"'],
  },
  {
    name: 'minio-role-unknown',
    connector: world =>
      atMinio(world, {
        auth: { webIdentity: { serviceAccountName: 'runner', roleArn: `arn:minio:iam:::role/${'A'.repeat(27)}` } },
      }),
    reason: 'RoleNotFound',
    says: ['spec.aws.auth.webIdentity.roleArn'],
  },
]

export const identityRows: Row[] = [...secrets, ...keys, ...webIdentities]

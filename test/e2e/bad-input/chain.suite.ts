/** Connectors whose role chain or way to issue credentials is not allowed by the service or by the rules of AWS. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { ACCOUNT, may } from '../../cluster/moto-admin.ts'
import { type AwsInputWorld, atAws, atMinio, entry, type Row } from './aws-world.ts'

const ALICE = { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/alice` } }
const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`
const everything = [may('s3:*'), may('sts:*')]

const chains: Row[] = [
  {
    name: 'role-absent',
    connector: (_, name) => atAws('alice', { assumeRoles: [{ roleArn: roleArn(name) }] }),
    reason: 'RoleNotTrusted',
    says: ['spec.aws.assumeRoles[0]', 'check that the role exists'],
  },
  {
    name: 'role-of-others',
    async arrange({ admin }, name) {
      await admin.createRole(name, { trust: [{ Principal: { AWS: roleArn('somebody') } }], may: [] })
    },
    connector: (_, name) => atAws('alice', { assumeRoles: [{ roleArn: roleArn(name) }] }),
    reason: 'RoleNotTrusted',
    says: ['spec.aws.assumeRoles[0]', 'trust policy allow sts:AssumeRole to the user of the key of Secret "bad/alice"'],
  },
  {
    name: 'external-id-wrong',
    async arrange({ admin, secrets }, name) {
      secrets.add('the-right-external-id')
      const Condition = { StringEquals: { 'sts:ExternalId': 'the-right-external-id' } }
      await admin.createRole(name, { trust: [{ ...ALICE, Condition }], may: [] })
    },
    connector: (_, name) => atAws('alice', { assumeRoles: [{ roleArn: roleArn(name), externalId: 'another' }] }),
    reason: 'RoleNotTrusted',
    says: ['spec.aws.assumeRoles[0]', 'with the externalId of this step'],
  },
  {
    name: 'tags-not-allowed',
    async arrange({ admin }, name) {
      await admin.createRole(name, { trust: [{ ...ALICE, Action: 'sts:AssumeRole' }], may: [] })
    },
    connector: (_, name) => atAws('alice', { assumeRoles: [{ roleArn: roleArn(name), tags: { team: 'ml' } }] }),
    reason: 'RoleNotTrusted',
    says: ['spec.aws.assumeRoles[0]', 'allow sts:TagSession'],
  },
  {
    name: 'second-role-not-trusting',
    async arrange({ admin }, name) {
      await admin.createRole(name, { trust: [ALICE], may: everything })
      await admin.createRole(`${name}-2`, { trust: [ALICE], may: [] })
    },
    connector: (_, name) =>
      atAws('alice', { assumeRoles: [{ roleArn: roleArn(name) }, { roleArn: roleArn(`${name}-2`) }] }),
    reason: 'RoleNotTrusted',
    says: ['spec.aws.assumeRoles[1]', `trust policy allow sts:AssumeRole to ${roleArn('second-role-not-trusting')}`],
  },
  {
    name: 'user-may-assume-nothing',
    async arrange({ admin, user }, name) {
      await user(name, [may('s3:*')])
      const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:user/${name}` }
      await admin.createRole(name, { trust: [{ Principal }], may: [] })
    },
    connector: (_, name) => atAws(name, { assumeRoles: [{ roleArn: roleArn(name) }] }),
    reason: 'RoleNotTrusted',
    says: ['spec.aws.assumeRoles[0]', 'policy must allow it'],
  },
]

/** Creates a Secret with valid credentials that STS has issued. */
async function temporaryKey({ admin, moto, keySecret }: AwsInputWorld, name: string): Promise<void> {
  const user = await admin.createUser(name, everything)
  await admin.createRole(name, {
    trust: [{ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${name}` } }],
    may: everything,
  })
  const sts = new STSClient({ endpoint: moto.endpoint, region: 'us-east-1', credentials: user })
  const command = new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: 'person' })
  const { Credentials: issued } = await sts.send(command)
  sts.destroy()
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = issued ?? {}
  await keySecret(name, { accessKeyId, secretAccessKey, sessionToken: issued?.SessionToken ?? '' })
}

const ways: Row[] = [
  {
    name: 'federation-of-a-temporary-key',
    arrange: temporaryKey,
    connector: (_, name) => atAws(name, { issue: 'FederationToken' }),
    reason: 'IssueNotPossible',
    says: ['spec.aws.issue', 'store one without session token'],
  },
  {
    name: 'nothing-of-a-temporary-key',
    arrange: temporaryKey,
    connector: (_, name) => atAws(name),
    store: () => entry(),
    reason: 'CannotIssue',
    says: ['spec.aws.auth.accessKey', 'add spec.aws.assumeRoles'],
  },
  {
    name: 'assume-role-without-role',
    connector: () => atAws('alice', { issue: 'AssumeRole' }),
    reason: 'RoleNotSet',
    says: ['spec.aws.issue', 'add spec.aws.assumeRoles'],
  },
  {
    name: 'user-may-not-federate',
    arrange: ({ user }, name) => user(name, [may('s3:*')]),
    connector: (_, name) => atAws(name),
    store: () => entry(),
    reason: 'IssueRefused',
    says: ['spec.aws.auth.accessKey', 'allow its user sts:GetFederationToken'],
  },
  ...(['SessionToken', 'FederationToken'] as const).map(
    (issue): Row => ({
      name: `minio-${issue.toLowerCase()}`,
      connector: world => atMinio(world, { auth: { accessKey: { secretName: 'minio-user' } }, issue }),
      reason: 'IssueNotSupported',
      says: [`has no Get${issue}`, 'use spec.aws.issue: AssumeRole'],
    }),
  ),
  {
    name: 'longer-than-a-chain',
    async arrange({ admin }, name) {
      await admin.createRole(name, { trust: [ALICE], may: everything })
      const Principal = { AWS: roleArn(name) }
      await admin.createRole(`${name}-2`, { trust: [{ Principal }], may: everything, maxSessionDuration: 43_200 })
    },
    connector: (_, name) =>
      atAws('alice', { assumeRoles: [{ roleArn: roleArn(name) }, { roleArn: roleArn(`${name}-2`) }] }),
    store: () => entry({ duration: '2h' }),
    reason: 'DurationTooLong',
    says: ['spec.credentials[step].duration', '1 hour', 'shorten it'],
  },
  {
    name: 'longer-than-the-role',
    async arrange({ admin }, name) {
      await admin.createRole(name, { trust: [ALICE], may: everything })
    },
    connector: (_, name) => atAws('alice', { assumeRoles: [{ roleArn: roleArn(name) }] }),
    store: () => entry({ duration: '2h' }),
    reason: 'DurationTooLong',
    says: ['spec.credentials[].duration', "raise the role's maximum session duration"],
  },
]

export const chainRows: Row[] = [...chains, ...ways]

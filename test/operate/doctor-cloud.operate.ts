/** `doctor` where the cure is at the cloud: its commands are run with the cloud's own tools, and then the store is Ready. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SERVICE_ACCOUNTS } from '../../src/kube/resource.ts'
import { ACCOUNT, may } from '../cluster/moto-admin.ts'
import { type AwsInputWorld, atAws, atAwsAs, atMinio, entry } from '../e2e/bad-input/aws-world.ts'
import { chainRows } from '../e2e/bad-input/chain.suite.ts'
import { putAwsCli, putMc } from '../support/cloud-tools.ts'
import { awsClinic } from './aws-clinic.ts'
import { type Curable, cured, noSecretPrinted } from './doctor-cures.ts'

const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`
const account = ({ tenant }: AwsInputWorld, name: string) => tenant.create(SERVICE_ACCOUNTS, name, {})

/** A role that trusts the tokens of the ServiceAccount of its name, with these rights. */
async function trusting({ admin, controlPlane }: AwsInputWorld, name: string, rights: object[]): Promise<void> {
  const provider = controlPlane.issuer.replace('https://', '')
  const Principal = { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${provider}` }
  const Condition = { StringEquals: { [`${provider}:sub`]: `system:serviceaccount:bad:${name}` } }
  await admin.createRole(name, { trust: [{ Principal, Condition }], may: rights })
}

const chained = (name: string) => {
  const row = chainRows.find(one => one.name === name)
  assert.ok(row)
  return row
}

const CURABLE: Curable<AwsInputWorld>[] = [
  ...['role-of-others', 'tags-not-allowed', 'user-may-not-federate', 'user-may-assume-nothing'].map(name => ({
    row: chained(name),
  })),
  {
    row: {
      name: 'role-trusts-others',
      async arrange(world, name) {
        await account(world, name)
        await world.admin.createRole(name, { trust: [{ Principal: { AWS: roleArn('somebody') } }], may: [may('s3:*')] })
      },
      connector: (_, name) => atAwsAs(name, { roleArn: roleArn(name) }),
      store: () => entry(),
      reason: 'ConnectorNotReady',
      says: [],
    },
  },
  {
    row: {
      name: 'role-may-nothing',
      async arrange(world, name) {
        await account(world, name)
        await trusting(world, name, [])
      },
      connector: (_, name) => atAwsAs(name, { roleArn: roleArn(name) }),
      store: () => entry({ formats: ['ZenML'] }),
      reason: 'PermissionDenied',
      says: [],
    },
  },
  {
    row: {
      name: 'role-may-only-read',
      async arrange(world, name) {
        await account(world, name)
        await trusting(world, name, [may(['s3:GetObject', 's3:ListBucket'])])
      },
      connector: (_, name) => atAwsAs(name, { roleArn: roleArn(name) }),
      store: () => entry(),
      reason: 'PermissionDenied',
      says: [],
    },
  },
  {
    row: {
      name: 'user-may-not-use-key',
      async arrange({ user, admin }, name) {
        await user(name, [may('s3:*'), may('sts:*')])
        await admin.createKey({ alias: `alias/${name}` })
      },
      connector: (_, name) => atAws(name),
      store: (_, name) => ({ ...entry(), encryption: { type: 'SSE-KMS', kmsKeyId: `alias/${name}` } }),
      reason: 'PermissionDenied',
      says: [],
    },
  },
  {
    row: {
      name: 'user-may-not-set-rule',
      arrange: ({ user }, name) =>
        user(name, [
          may(['s3:*Object*', 's3:List*', 's3:AbortMultipartUpload', 's3:GetBucketVersioning']),
          may('sts:*'),
        ]),
      connector: (_, name) => atAws(name),
      store: () => ({ ...entry(), bucket: { expirationDays: 3 } }),
      reason: 'PermissionDenied',
      says: [],
    },
  },
  {
    row: {
      name: 'minio-user-may-nothing',
      async arrange({ minio, keySecret }, name) {
        const key = { accessKeyId: 'user-of-cloud', secretAccessKey: 'secret-of-user-of-cloud' }
        await minio.admin.mc('admin', 'user', 'add', 'test', key.accessKeyId, key.secretAccessKey)
        await keySecret(name, key)
      },
      connector: (world, name) => atMinio(world, { auth: { accessKey: { secretName: name } } }),
      store: (_, name) => ({ ...entry(), path: `s3://bad/${name}` }),
      reason: 'PermissionDenied',
      says: [],
    },
  },
]

const clinic = awsClinic(
  async ({ admin, controlPlane, moto, minio }, folder) => {
    await admin.createIssuer(controlPlane.issuer, 'sts.amazonaws.com')
    return { ...(await putAwsCli(folder, moto)), ...(await putMc(folder, minio)) }
  },
  { place: 'outside' },
)

describe('the printed commands make the store Ready', { concurrency: 2 }, () => {
  for (const one of CURABLE) test(`${one.row.name}: ${one.row.reason}`, () => cured(clinic(), one))
})

test('no secret was printed', () => noSecretPrinted(clinic()))

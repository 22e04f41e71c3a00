import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, store } from '../../../test/support/objects.ts'
import type { ArtifactStoreSpec } from '../../api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { type CloudCase, cloudCures } from './cloud-cures.ts'

const ROLE = 'arn:aws:iam::111111111111:role/artifacts'
const NEXT = 'arn:aws:iam::222222222222:role/data'
const web = { webIdentity: { serviceAccountName: 'runner', roleArn: ROLE } }
const WEB: ServiceConnectorSpec = { aws: { auth: web } }
const CHAIN: ServiceConnectorSpec = { aws: { auth: web, assumeRoles: [{ roleArn: NEXT }] } }
const KEY: ServiceConnectorSpec = { aws: { auth: { accessKey: { secretName: 'keys' } } } }
const MINIO: ServiceConnectorSpec = {
  aws: { endpoint: 'https://minio.test', auth: { accessKey: { secretName: 'keys' } } },
}
const MINIO_WEB: ServiceConnectorSpec = { aws: { endpoint: 'https://minio.test', auth: web } }
const azure = (auth: object): ServiceConnectorSpec =>
  ({ azure: { accountName: 'acme', auth } }) as unknown as ServiceConnectorSpec
const WORKLOAD = azure({ workloadIdentity: { serviceAccountName: 'runner', clientId: 'client-1' } })
const SAS = azure({ sasToken: { secretName: 'sas' } })
const AZ: Partial<ArtifactStoreSpec> = { path: 'az://models/team' }
const ENTRY: Partial<ArtifactStoreSpec> = { credentials: [{ name: 'step', formats: ['Env'] }] }

interface Row {
  what: string
  spec: ServiceConnectorSpec
  reason: string
  message?: string
  /** Absent: the connector itself is not well. */
  of?: Partial<ArtifactStoreSpec>
  /** Beginnings of the commands of each cure. */
  commands: RegExp[][]
  needs?: string[]
}

/** For a bucket of another account, which the cluster does not know. */
const OF_BUCKET =
  /^: "\$\{BUCKET_ACCOUNT:\?\}" && kubectl artifactstore policy store\/prod -n ml --bucket-account="\$BUCKET_ACCOUNT" -o aws-cli$/

const ROWS: Row[] = [
  {
    what: 'a role that may not do what a store needs',
    spec: WEB,
    reason: 'PermissionDenied',
    of: ENTRY,
    commands: [
      [
        /^if \[ .{1,80} = 111111111111 \]; then aws iam put-role-policy --role-name=artifacts --policy-name=artifact-store-ml\.prod-[0-9a-f]{8} /,
      ],
      [OF_BUCKET],
    ],
  },
  {
    what: 'the last role of a chain',
    spec: CHAIN,
    reason: 'PermissionDenied',
    of: ENTRY,
    commands: [[/^if \[ .{1,80} = 222222222222 \]; then aws iam put-role-policy --role-name=data /], [OF_BUCKET]],
  },
  {
    what: 'a key of another account',
    spec: WEB,
    reason: 'PermissionDenied',
    message: 'kms:GenerateDataKey on KMS key "k" denied for x',
    of: { ...ENTRY, encryption: { type: 'SSE-KMS', kmsKeyId: 'arn:aws:kms:us-east-1:3:key/k' } },
    commands: [
      [
        /^if \[ "\$\(aws sts get-caller-identity .*\)" = 111111111111 \]; then aws iam put-role-policy .*; else .*false; fi$/,
        /= 3 \]; then aws kms create-grant --region=us-east-1 --name=artifact-store-ml_prod-\S* .* --key-id=arn:aws:kms:us-east-1:3:key\/k; else/,
      ],
      [OF_BUCKET],
    ],
  },
  {
    what: 'a user whose name nobody knows',
    spec: KEY,
    reason: 'IssueRefused',
    of: ENTRY,
    commands: [
      [/^: "\$\{ACCESS_KEY_ID:=\$\(kubectl get secret keys .*&& aws iam put-user-policy --user-name="\$USER_NAME"/],
    ],
  },
  {
    what: 'a bucket that may be neither seen nor created',
    spec: WEB,
    reason: 'BucketNotFound',
    message: 'the identity may neither see bucket "b" nor create it (s3:CreateBucket denied)',
    of: { ...ENTRY, bucket: { create: true } },
    commands: [[/s3:CreateBucket/]],
  },
  {
    what: 'nothing of a bucket that is not there',
    spec: WEB,
    reason: 'BucketNotFound',
    message: 'there is no such bucket: create it',
    of: ENTRY,
    commands: [],
  },
  {
    what: 'an account that does not know the cluster',
    spec: WEB,
    reason: 'IssuerNotTrusted',
    commands: [
      [
        /else aws iam create-open-id-connect-provider --url=https:\/\/oidc\.test --client-id-list sts\.amazonaws\.com; fi; else echo /,
      ],
    ],
  },
  {
    what: 'a provider that takes another audience',
    spec: WEB,
    reason: 'AudienceNotTrusted',
    commands: [
      [
        /= 111111111111 \]; then aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn=arn:aws:iam::111111111111:oidc-provider\/oidc\.test --client-id=sts\.amazonaws\.com; else echo /,
      ],
    ],
  },
  {
    what: 'a role that does not trust the ServiceAccount, or is not there',
    spec: WEB,
    reason: 'RoleNotTrusted',
    message: 'AssumeRoleWithWebIdentity of x refused',
    commands: [
      [/= 111111111111 \]; then aws iam update-assume-role-policy --role-name=artifacts /],
      [
        /; elif aws iam create-role --role-name=artifacts .*; then aws iam wait role-exists --role-name=artifacts; /,
        /= 111111111111 \]; then aws iam put-role-policy --role-name=artifacts /,
      ],
    ],
  },
  {
    what: 'a role that does not trust the role before it',
    spec: CHAIN,
    reason: 'RoleNotTrusted',
    message: 'spec.aws.assumeRoles[0]: AssumeRole of x refused',
    commands: [
      [
        /= 222222222222 \]; then aws iam update-assume-role-policy --role-name=data /,
        /= 111111111111 \]; then aws iam put-role-policy --role-name=artifacts .*sts:AssumeRole/,
      ],
      [
        /; elif aws iam create-role --role-name=data /,
        /then aws iam put-role-policy --role-name=data /,
        /--role-name=artifacts /,
      ],
    ],
  },
  {
    what: 'a step that the chain does not have',
    spec: CHAIN,
    reason: 'RoleNotTrusted',
    message: 'spec.aws.assumeRoles[7]: AssumeRole of x refused',
    commands: [],
  },
  {
    what: 'a user of MinIO',
    spec: MINIO,
    reason: 'PermissionDenied',
    of: ENTRY,
    commands: [
      [
        /printf %s '\{.*\}' \| mc admin policy create "\$MC_ALIAS" artifact-store-ml\.prod-[0-9a-f]{8} \/dev\/stdin$/,
        /mc admin policy attach/,
      ],
    ],
    needs: ['MC_ALIAS'],
  },
  {
    what: 'a role of MinIO, which has one policy for all',
    spec: MINIO_WEB,
    reason: 'PermissionDenied',
    of: ENTRY,
    commands: [[/mc admin policy create "\$MC_ALIAS" "\$ROLE_POLICY" \/dev\/stdin$/]],
    needs: ['MC_ALIAS', 'ROLE_POLICY'],
  },
  { what: 'trust at MinIO, which is set up in other ways', spec: MINIO_WEB, reason: 'RoleNotTrusted', commands: [] },
  {
    what: 'a client of Entra that does not trust the ServiceAccount',
    spec: WORKLOAD,
    reason: 'FederatedCredentialMismatch',
    commands: [
      [/&& az identity federated-credential create --name=ml_runner_[0-9a-f]{8} .*--issuer=https:\/\/oidc\.test /],
      [/^az ad app federated-credential create --id=client-1 --parameters /],
    ],
  },
  {
    what: 'a client of Entra without roles',
    spec: WORKLOAD,
    reason: 'PermissionDenied',
    of: { ...AZ, ...ENTRY },
    commands: [
      [
        /az role assignment create .*'--role=Storage Blob Data Contributor'.*containers\/models/,
        /'--role=Storage Blob Delegator'/,
      ],
    ],
  },
  {
    what: 'a SAS token that lacks letters',
    spec: SAS,
    reason: 'PermissionDenied',
    of: { ...AZ, ...ENTRY },
    commands: [
      [
        /AZURE_STORAGE_SAS_TOKEN="\$\(az storage container generate-sas .*--permissions=rwdl .*\)" && .* \| kubectl apply /,
      ],
    ],
    needs: ['SAS_EXPIRY'],
  },
  { what: 'nothing for reasons that no policy cures', spec: WEB, reason: 'EndpointUnreachable', commands: [] },
]

describe('a cure at the cloud', () => {
  for (const { what, spec, reason, message = '', of, commands, needs = [] } of ROWS) {
    test(`is printed for ${what}: ${reason}`, () => {
      const own = store(of ?? ENTRY)
      const given: CloudCase = {
        ...{ connector: connector({ spec }), stores: [own], reason, message, shell: {} },
        ...(of ? { store: own } : {}),
        facts: { issuer: 'https://oidc.test' },
      }
      const cures = cloudCures(given)
      assert.equal(cures.length, commands.length, JSON.stringify(cures))
      for (const [at, cure] of cures.entries()) {
        assert.equal(cure.place, 'outside')
        assert.equal(cure.commands.length, commands[at]?.length, JSON.stringify(cure))
        for (const [index, pattern] of (commands[at] ?? []).entries()) assert.match(cure.commands[index] ?? '', pattern)
        assert.deepEqual(cure.needs, commands[at]?.[0] === OF_BUCKET ? ['BUCKET_ACCOUNT'] : needs)
      }
    })
  }

  for (const [what, spec, own, other, command] of [
    ['the policy of a role of MinIO', MINIO_WEB, 's3://own/a', 's3://beside/b', /own\/a\/.*beside\/b\//],
    ['a SAS token', SAS, 'az://own/a', 'az://beside/b', /az storage account generate-sas/],
  ] as const) {
    test(`replaces ${what} by one that has what the other stores need, too`, () => {
      const sick = store({ ...ENTRY, path: own })
      const beside = store({ path: other }, { metadata: { ...sick.metadata, name: 'beside' } })
      const given = {
        connector: connector({ spec }),
        store: sick,
        stores: [sick],
        reason: 'PermissionDenied',
        message: '',
      }
      const [cure] = cloudCures({ ...given, facts: { issuer: 'https://oidc.test', stores: [sick, beside] }, shell: {} })
      assert.match(cure?.commands.join('\n') ?? '', command)
      assert.match(cure?.words ?? '', /\(ml\/prod, ml\/beside\)/)
    })
  }

  for (const audience of ['line end\n', 'nul\0']) {
    test(`is a word about the connector where a value can be in no command: ${JSON.stringify(audience)}`, () => {
      const spec: ServiceConnectorSpec = { aws: { auth: { webIdentity: { ...web.webIdentity, audience } } } }
      const given = { connector: connector({ spec }), stores: [], reason: 'AudienceNotTrusted', message: '' }
      const cures = cloudCures({ ...given, facts: { issuer: 'https://oidc.test' }, shell: {} })
      assert.deepEqual(
        cures.map(({ commands }) => commands),
        [[]],
      )
      assert.match(cures[0]?.words ?? '', /^correct the connector first: it has a value that no command can have/)
    })
  }

  test('is for no account where the ARN of a role names none, as accounts have roles of the same names', () => {
    const roleArn = 'arn:aws:iam:::role/admin'
    const spec: ServiceConnectorSpec = { aws: { auth: { webIdentity: { serviceAccountName: 'runner', roleArn } } } }
    const given = { connector: connector({ spec }), stores: [], reason: 'RoleNotTrusted', message: '' }
    const cures = cloudCures({ ...given, facts: { issuer: 'https://oidc.test' }, shell: {} })
    const commands = cures.flatMap(cure => cure.commands)
    assert.ok(commands.length > 1)
    for (const command of commands) assert.match(command, / = '' \]; then /)
  })
})

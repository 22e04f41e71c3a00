/** Pure: a connector to S3 with its stores, as the generator of policies takes them. What is not known becomes a hole. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { DEFAULT_ACCESS_KEY_KEYS } from '../../api/aws-connector.ts'
import { DEFAULT_ACCESS } from '../../api/credentials-entry.ts'
import { isFailure } from '../../api/failures.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { parseStoreUri } from '../../api/uri.ts'
import { grantsOf, isAtAws, partitionOfConnector, regionOfIam } from '../../providers/s3/needs/grants.ts'
import { policyNameOf } from '../../providers/s3/needs/policy-name.ts'
import type { StoreAsks } from '../../providers/s3/needs/store-needs.ts'
import { kubectl, type Shell } from '../text/kubectl.ts'
import { awsLine } from './aws-words.ts'
import { annotatedRole, type ClusterFacts, ISSUER_HOST, issuerOf } from './facts.ts'
import { hole, type Unknown, withoutHoles } from './holes.ts'
import { s3Notes } from './notes.ts'
import type { S3Sheet, Subject } from './sheet.ts'
import { sizeNotes } from './size-notes.ts'

type AwsConnector = NonNullable<ServiceConnector['spec']['aws']>

export function s3Sheet(subject: Subject, aws: AwsConnector, shell: Shell): S3Sheet {
  const { connector, of, facts, bucketAccount, uid } = subject
  const { namespace = '', name } = connector.metadata
  const asksOf = (stores: readonly ArtifactStore[]) => stores.flatMap(store => storeAsks(store) ?? [])
  const grants = grantsOf({
    aws: JSON.parse(withoutHoles(JSON.stringify(aws))) as AwsConnector,
    ...{ namespace, name, stores: asksOf(subject.stores), others: asksOf(subject.others) },
    policy: policyNameOf(of, uid),
    issuer: issuerOf(facts),
    cluster: facts.cluster === undefined ? hole('CLUSTER_UID') : withoutHoles(facts.cluster),
    base: baseOf(connector, aws, facts),
    ...(bucketAccount === undefined ? {} : { bucketAccount }),
  })
  const cloud = isAtAws(aws) ? 'AWS' : 'S3'
  const notes = [...s3Notes(subject, aws, cloud), ...sizeNotes(subject, grants, cloud)]
  return { of, cloud, grants, unknowns: unknownsOf(connector, aws, shell), notes }
}

/** A store as far as its path can be read: one that can't be is told so in its status. */
function storeAsks({ spec, status }: ArtifactStore): StoreAsks | undefined {
  const uri = parseStoreUri(spec.path)
  if (isFailure(uri) || uri.cloud !== 'aws') return undefined
  const { credentials = [], verification, bucket, encryption, clientOptions, usage } = spec
  const { versioning, create } = bucket ?? {}
  // A rule that is not wanted any more must be removed yet.
  const expirationDays = bucket?.expirationDays ?? status?.bucket?.expirationDays
  return {
    location: { bucket: withoutHoles(uri.bucket), prefix: withoutHoles(uri.prefix) },
    uses: credentials.map(({ access = DEFAULT_ACCESS, formats }) => ({ access, formats })),
    ...(verification?.require ? { required: verification.require.map(withoutHoles) } : {}),
    setup: {
      ...(create ? { create } : {}),
      ...(versioning ? { versioning } : {}),
      ...(expirationDays === undefined ? {} : { expirationDays }),
    },
    versioning: status?.bucket?.versioning,
    ...(encryption ? { encryption } : {}),
    ...(clientOptions?.acl ? { acl: clientOptions.acl } : {}),
    ...(usage && usage.source !== 'None' ? { usage: usage.source } : {}),
  }
}

/** ARN of what `auth` acts as. */
function baseOf(connector: ServiceConnector, aws: AwsConnector, facts: ClusterFacts): string {
  const partition = partitionOfConnector(aws)
  const { webIdentity, accessKey } = aws.auth
  if (webIdentity) {
    const role = webIdentity.roleArn ?? annotatedRole(facts)
    if (role !== undefined) return withoutHoles(role)
    return `arn:${partition}:iam::${hole('ACCOUNT_ID')}:role/${hole('ROLE_NAME')}`
  }
  if (!accessKey) return `arn:${partition}:iam::${hole('OPERATOR_ACCOUNT_ID')}:role/${hole('OPERATOR_ROLE')}`
  const seen = aws.assumeRoles?.length ? undefined : connector.status?.identity?.arn
  if (seen !== undefined && isAtAws(aws) && /^arn:[^:]{1,64}:iam::\d{12}:user\/./.test(seen)) return withoutHoles(seen)
  return isAtAws(aws)
    ? `arn:${partition}:iam::${hole('ACCOUNT_ID')}:user/${hole('USER_NAME')}`
    : `arn:${partition}:iam:::user/${hole('ACCESS_KEY_ID')}`
}

function unknownsOf(connector: ServiceConnector, aws: AwsConnector, shell: Shell): Unknown[] {
  const { namespace = '' } = connector.metadata
  const { accessKey, webIdentity } = aws.auth
  const ofOperator = 'the role that the operator itself runs with'
  return [
    ISSUER_HOST,
    {
      ...{ name: 'CLUSTER_UID', how: 'uid of the namespace kube-system' },
      command: kubectl(shell, ['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}']),
    },
    ...keyUnknowns(namespace, aws, shell),
    ...(accessKey
      ? []
      : [
          {
            ...{ name: 'ACCOUNT_ID', how: 'account of the role', isOfCaller: true as const },
            command: awsLine(regionOfIam(aws), 'sts', 'get-caller-identity', ['--query=Account', '--output=text']),
          },
        ]),
    {
      name: 'ROLE_NAME',
      how: `name for the role that is created; afterwards annotate ServiceAccount "${webIdentity?.serviceAccountName ?? ''}" with eks.amazonaws.com/role-arn`,
    },
    {
      name: 'OPERATOR_ROLE',
      how: `name of ${ofOperator}: see the annotations of its ServiceAccount, or EKS Pod Identity`,
    },
    { name: 'OPERATOR_ACCOUNT_ID', how: `account of ${ofOperator}` },
    { name: 'MC_ALIAS', how: 'alias of the service in mc: see "mc alias list"' },
    {
      name: 'ROLE_POLICY',
      how: 'name of the policy that MinIO gives this role: role_policy of "mc idp openid info", or MINIO_IDENTITY_OPENID_ROLE_POLICY',
    },
  ]
}

/** Whose key it is, by its id, which is no secret. */
function keyUnknowns(namespace: string, aws: AwsConnector, shell: Shell): Unknown[] {
  const { accessKey } = aws.auth
  if (!accessKey) return []
  const { secretName, accessKeyIdKey } = { ...DEFAULT_ACCESS_KEY_KEYS, ...accessKey }
  const template = `go-template={{index .data "${accessKeyIdKey}" | base64decode}}`
  const ask = (service: string, call: string, member: string) =>
    awsLine(regionOfIam(aws), service, call, [
      ...[`--access-key-id=${hole('ACCESS_KEY_ID')}`, `--query=${member}`, '--output=text'],
    ])
  return [
    {
      ...{
        name: 'ACCESS_KEY_ID',
        how: `access key id in Secret "${namespace}/${secretName}"; at MinIO, the name of the user`,
      },
      command: kubectl(shell, ['get', 'secret', secretName, '-n', namespace, '-o', template]),
    },
    {
      ...{ name: 'ACCOUNT_ID', how: 'account of that key' },
      command: ask('sts', 'get-access-key-info', 'Account'),
    },
    {
      ...{ name: 'USER_NAME', how: 'user whose key it is' },
      command: ask('iam', 'get-access-key-last-used', 'UserName'),
    },
  ]
}

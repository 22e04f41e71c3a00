/**
 * Policies of single consumers, and what a store for such a consumer requires. Those of ZenML and OpenMetadata are
 * quoted from their documentation. Those of Instabase and Turborepo are quoted from nowhere: they list what these call.
 */
import { isFailure } from '../../../src/api/failures.ts'
import type { Probe, Use } from '../../../src/providers/provider.ts'
import { VERSION_PERMISSIONS } from '../../../src/providers/s3/answers/version-permissions.ts'
import { requiredPermissions } from '../../../src/providers/s3/needs/required.ts'
import { cautionsOf, judgePermissions } from '../../../src/stores/plan/permissions.ts'

export interface Documented {
  consumer: string
  use: Use
  statements(bucket: string): object[]
}

const allow = (Action: string[], Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource })
const everywhere = ['arn:aws:s3:::*', 'arn:aws:s3:::*/*']

export const DOCUMENTED: Documented[] = [
  {
    // Quoted: docs.zenml.io, AWS Service Connector, "S3 bucket": "at least the following AWS IAM permissions".
    consumer: 'ZenML',
    use: { access: 'ReadWrite', formats: ['ZenML'] },
    statements: () => [
      allow(
        [
          ...['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListAllMyBuckets'],
          ...['s3:GetBucketVersioning', 's3:ListBucketVersions', 's3:DeleteObjectVersion'],
        ],
        everywhere,
      ),
    ],
  },
  {
    // Not quoted: what Instabase calls on its bucket, the list of docs/aws-buckets.md.
    consumer: 'Instabase',
    use: { access: 'ReadWrite', formats: ['AwsProfile', 'Env'] },
    statements: bucket => [
      allow(
        [
          ...['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:GetBucketVersioning'],
          ...['s3:ListBucketVersions', 's3:DeleteObjectVersion', 's3:GetObjectVersion', 's3:GetObjectAcl'],
          ...['s3:PutObjectAcl', 's3:GetObjectVersionAcl', 's3:PutObjectVersionAcl'],
          ...['s3:ListBucketMultipartUploads', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
        ],
        [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      ),
    ],
  },
  {
    // Not quoted: what turborepo-remote-cache calls on the bucket and on its objects.
    consumer: 'Turborepo',
    use: { access: 'ReadWrite', formats: ['Turborepo'] },
    statements: bucket => [
      allow(['s3:ListBucket'], `arn:aws:s3:::${bucket}`),
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], `arn:aws:s3:::${bucket}/*`),
    ],
  },
  {
    // Quoted: docs.open-metadata.org, S3 Storage, "S3 Permissions": "A possible policy could be".
    // The CloudWatch policy is beside it.
    consumer: 'OpenMetadata',
    use: { access: 'ReadWrite', formats: ['OpenMetadata'] },
    statements: () => [
      allow(['s3:GetObject', 's3:ListBucket', 's3:GetBucketLocation', 's3:ListAllMyBuckets'], ['arn:aws:s3:::*']),
    ],
  },
]

/** MinIO takes no policy that names ACLs, which it does not have. */
export const withoutAcls = (statements: object[]): object[] =>
  JSON.parse(JSON.stringify(statements), (_, value) =>
    Array.isArray(value) ? value.filter(action => !`${action}`.endsWith('Acl')) : value,
  )

/** Permissions of a store for such a consumer. */
export const requiredBy = ({ use }: Documented): string[] => requiredPermissions([use])

/** Why a store for such a consumer would not be Ready, and what it would say besides. */
export function verdictOn(documented: Documented, bucket: string, probe: Probe) {
  const location = { bucket, prefix: 'team/', uri: `s3://${bucket}/team` }
  const requiredByDefault = { withVersions: VERSION_PERMISSIONS }
  const plan = { required: requiredBy(documented), requiredByDefault, location }
  const failure = judgePermissions(plan, probe, 'the identity')
  return { failure: failure && isFailure(failure) ? failure.message : undefined, cautions: cautionsOf(plan, probe) }
}

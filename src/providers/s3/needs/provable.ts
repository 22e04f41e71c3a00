/**
 * Pure: the actions that the operator can prove, which are all that `spec.verification.require` can ask for. Another one
 * makes no store Ready, whoever is allowed it. And whoever may write a store could have an administrator allow its identity
 * anything that can be named there: `iam:CreateAccessKey`.
 */

/** The bucket as a whole, its objects, or neither: such actions are allowed on `*`. */
export type Level = 'bucket' | 'object' | 'account'

interface Provable {
  level: Level
  /** Other services than AWS refuse policies that name it, or have nothing by which it could be proven. */
  awsOnly?: true
}

const of = (level: Level, actions: string, traits: Omit<Provable, 'level'> = {}): [string, Provable][] =>
  actions.split(' ').map(action => [action, { level, ...traits }])

const PROVABLE: ReadonlyMap<string, Provable> = new Map([
  ...of('object', 's3:GetObject s3:PutObject s3:DeleteObject s3:DeleteObjectVersion s3:AbortMultipartUpload'),
  ...of('object', 's3:ListMultipartUploadParts s3:GetObjectVersion'),
  ...of('object', 's3:GetObjectAcl s3:PutObjectAcl s3:GetObjectVersionAcl s3:PutObjectVersionAcl', { awsOnly: true }),
  ...of('bucket', 's3:ListBucket s3:ListBucketVersions s3:GetBucketVersioning s3:GetBucketLocation'),
  ...of('bucket', 's3:ListBucketMultipartUploads'),
  ...of('account', 's3:ListAllMyBuckets'),
  ...of('account', 'cloudwatch:GetMetricData cloudwatch:ListMetrics', { awsOnly: true }),
])

export const PROVABLE_ACTIONS: readonly string[] = [...PROVABLE.keys()]

/** On what an action is allowed, as the service authorization reference of AWS has it; undefined for what nobody can prove. */
export function levelOf(action: string, aws: boolean): Level | undefined {
  const { level, awsOnly } = PROVABLE.get(action) ?? {}
  return awsOnly && !aws ? undefined : level
}

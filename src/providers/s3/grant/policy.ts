/** Pure: the session policy that narrows credentials to a prefix and an access. It never widens the role's rights. */
import { type Failure, stalled } from '../../../api/failures.ts'
import type { Access, Encryption, Location } from '../../provider.ts'
import { arnOfBucket } from '../identity/arn.ts'
import { partitionOf } from '../identity/partition.ts'

export interface PolicyRequest {
  location: Location
  access: Access
  encryption: Encryption
  region: string
  /** Whether the service is AWS itself: policies for it name KMS actions, which other services refuse to parse. */
  aws: boolean
  /** Permissions that the store requires by name. */
  required?: string[] | undefined
  /** The one ACL that writers may give to what they write. It gives rights to nobody but the bucket's owner. */
  acl?: string | undefined
  /** Whether the credentials leave the connector's namespace: what reaches beyond the prefix does not. */
  lent?: boolean
}

interface Statement {
  Effect: 'Allow'
  Action: string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

/** Longest session policy that STS accepts in a request. */
const MAX_LENGTH = 2048

const READ = ['s3:GetObject', 's3:GetObjectVersion']
const WRITE = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']
const DELETE = ['s3:DeleteObject', 's3:DeleteObjectVersion']

interface Rights {
  /** Actions on the bucket, limited to the prefix. */
  list: string[]
  /** Actions on the bucket as a whole: they show nothing of its keys. */
  bucket: string[]
  /** Actions on objects. */
  objects: string[]
  kms: string[]
}

/** Rights that every consumer gets, by access. */
const RIGHTS: Record<Access, Rights> = {
  ReadWrite: {
    list: ['s3:ListBucket', 's3:ListBucketVersions'],
    bucket: ['s3:GetBucketLocation', 's3:GetBucketVersioning'],
    objects: [...READ, ...WRITE, ...DELETE],
    kms: ['kms:Decrypt', 'kms:GenerateDataKey'],
  },
  ReadOnly: {
    list: ['s3:ListBucket', 's3:ListBucketVersions'],
    bucket: ['s3:GetBucketLocation', 's3:GetBucketVersioning'],
    objects: READ,
    kms: ['kms:Decrypt'],
  },
  WriteOnly: {
    list: [],
    bucket: ['s3:GetBucketLocation'],
    objects: WRITE,
    // An upload in parts decrypts its data key. Without s3:GetObject this right reads nothing else.
    kms: ['kms:Decrypt', 'kms:GenerateDataKey'],
  },
}

interface Extra {
  action: string
  resource: 'objects' | 'bucket' | 'account'
  accesses: Access[]
  /** The action can't be limited to a prefix, so only consumers of the whole bucket get it. */
  wholeBucket?: true
  /** Why it is for credentials in the connector's own namespace only. */
  notLent?: string
}

const READERS: Access[] = ['ReadWrite', 'ReadOnly']
const WRITERS: Access[] = ['ReadWrite', 'WriteOnly']
const ACCOUNT = { resource: 'account', accesses: READERS, notLent: 'shows the whole account' } as const
/** With it, whoever has the credentials opens objects to other accounts, which stay open when the credentials end. */
const GIVES = { resource: 'objects', accesses: WRITERS, notLent: 'gives objects to other accounts' } as const

/**
 * Rights that consumers get only where the store requires them by name: ACLs give objects away, and the others show
 * more than the prefix. Only policies for AWS name ACLs and CloudWatch: other services refuse such policies.
 */
const EXTRAS: Extra[] = [
  { action: 's3:GetObjectAcl', resource: 'objects', accesses: READERS },
  { action: 's3:GetObjectVersionAcl', resource: 'objects', accesses: READERS },
  { action: 's3:PutObjectAcl', ...GIVES },
  { action: 's3:PutObjectVersionAcl', ...GIVES },
  { action: 's3:ListBucketMultipartUploads', resource: 'bucket', accesses: ['ReadWrite'], wholeBucket: true },
  { action: 's3:ListAllMyBuckets', ...ACCOUNT },
  { action: 'cloudwatch:GetMetricData', ...ACCOUNT },
  { action: 'cloudwatch:ListMetrics', ...ACCOUNT },
]

/** Extra rights that services other than AWS know, too. */
const EVERYWHERE = new Set(['s3:ListBucketMultipartUploads', 's3:ListAllMyBuckets'])

function extras({ required = [], access, aws, location }: PolicyRequest): Extra[] {
  return EXTRAS.filter(
    extra =>
      required.includes(extra.action) &&
      extra.accesses.includes(access) &&
      (aws || EVERYWHERE.has(extra.action)) &&
      !(extra.wholeBucket && location.prefix !== ''),
  )
}

/** Writes the policy as JSON; a Failure when there can't be one. */
export function sessionPolicy(request: PolicyRequest): string | Failure {
  const { location, access, encryption, region, aws } = request
  const { bucket, prefix, uri } = location
  if (/[*?$]/.test(bucket + prefix)) {
    return stalled(
      'UnsupportedPrefix',
      `${uri}: "*", "?" and "$" are wildcards and variables in policies, so credentials can't be held to this prefix: use another`,
    )
  }
  const extra = extras(request)
  const withheld = request.lent ? extra.filter(({ notLent }) => notLent) : []
  if (withheld.length > 0) return refuseLoan(withheld)
  const extrasOn = (what: Extra['resource']) =>
    extra.filter(({ resource }) => resource === what).map(({ action }) => action)
  const { name: partition, dnsSuffix } = aws ? partitionOf(region) : { name: 'aws', dnsSuffix: '' }
  const { list, bucket: whole, objects, kms } = RIGHTS[access]
  const arn = arnOfBucket(bucket, partition)
  const statements: Statement[] = [{ Effect: 'Allow', Action: [...whole, ...extrasOn('bucket')], Resource: arn }]
  if (list.length > 0) statements.push({ Effect: 'Allow', Action: list, Resource: arn, ...below(prefix) })
  statements.push({
    Effect: 'Allow',
    Action: [...objects, ...extrasOn('objects')],
    Resource: `${arn}/${prefix}*`,
  })
  if (!aws && prefix && objects.includes('s3:GetObject')) {
    statements.push({ Effect: 'Allow', Action: ['s3:GetObject'], Resource: `${arn}/${folder(prefix)}` })
  }
  statements.push(...oneAcl(request, `${arn}/${prefix}*`))
  const account = extrasOn('account')
  if (account.length > 0) statements.push({ Effect: 'Allow', Action: account, Resource: '*' })
  if (aws) statements.push(keys(kms, encryption, `s3.${region}.${dnsSuffix}`))

  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  if (policy.length <= MAX_LENGTH) return policy
  return stalled(
    'PolicyTooLong',
    `${uri}: its session policy has ${policy.length} characters, and STS takes ${MAX_LENGTH}: use a shorter prefix`,
  )
}

/** AWS asks for the right to write ACLs of whoever sends one with an object; other services don't. */
function oneAcl({ aws, acl, access }: PolicyRequest, Resource: string): Statement[] {
  if (!aws || acl === undefined || !WRITERS.includes(access)) return []
  const Condition = { StringEquals: { 's3:x-amz-acl': acl } }
  return [{ Effect: 'Allow', Action: ['s3:PutObjectAcl'], Resource, Condition }]
}

const refuseLoan = (withheld: Extra[]): Failure =>
  stalled(
    'NotLent',
    `spec.verification.require: a ServiceConnector lends to no other namespace ${withheld.map(({ action, notLent }) => `${action} (${notLent})`).join(', ')}: leave it out, or use a connector of this namespace`,
  )

/**
 * Key of the folder: file systems ask for it without its slash, and take a refusal for an error, not for absence. Such
 * an object is outside of the prefix, so the right to read it is for services only where it makes the answer 404: AWS
 * refuses it all the same, to who may not list that key.
 */
const folder = (prefix: string): string => prefix.slice(0, -1)

function below(prefix: string): Pick<Statement, 'Condition'> {
  if (prefix === '') return {}
  // The folder without its slash is left out: a list of "team" has "team2/", too.
  return { Condition: { StringLike: { 's3:prefix': [`${prefix}*`] } } }
}

/**
 * Statement for KMS keys. A bucket may encrypt by default with a key that no spec names; without this statement the
 * policy would take the role's own right to use that key. It only counts through S3, so for objects of the policy.
 */
function keys(actions: string[], { type, kmsKeyId = '' }: Encryption, viaService: string): Statement {
  const known = type === 'SSE-KMS' && kmsKeyId.startsWith('arn:') && kmsKeyId.includes(':key/')
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: known ? kmsKeyId : '*',
    Condition: { StringEquals: { 'kms:ViaService': viaService } },
  }
}

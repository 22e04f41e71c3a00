/** Pure: what the identity of a connector must be allowed for a store, action by action, and why. */
import type { ClientOptions } from '../../../api/client-options.ts'
import type { Encryption, Location, Use } from '../../provider.ts'
import { VERSION_PERMISSIONS } from '../answers/version-permissions.ts'
import { levelOf } from './provable.ts'
import { requiredPermissions } from './required.ts'

/** What a store asks of its identity, as its spec has it, and what its last probe has found. */
export interface StoreAsks {
  location: Pick<Location, 'bucket' | 'prefix'>
  /** `spec.credentials`: none is a store to read, write, list and delete in. */
  uses: Use[]
  /** `spec.verification.require`. */
  required?: string[]
  setup?: { create?: boolean; versioning?: string; expirationDays?: number }
  /** Versioning of the bucket; undefined while nobody has seen it. */
  versioning?: 'Enabled' | 'Suspended' | 'Disabled' | undefined
  encryption?: Encryption
  acl?: ClientOptions['acl']
  usage?: 'List' | 'CloudWatch'
}

/** What an action is allowed on. `listing`: the bucket, as far as its keys begin with the prefix. */
export type Place = 'listing' | 'bucket' | 'objects' | 'ownAcl' | 'account' | 'key'

export interface Need {
  action: string
  place: Place
  /** What it is for: `lists what is below the prefix`. */
  because: string
}

const DELETES_WITHOUT_MARKER = 'shows that a deletion leaves no marker, so that s3:DeleteObject can be proven'
const ENDS_UPLOADS = 'ends uploads in parts that failed; the operator ends those of its probes'

/** What each action is for. */
const WORDS: Readonly<Record<string, string>> = {
  's3:ListBucket': 'lists what is below the prefix',
  's3:GetObject': 'reads objects',
  's3:PutObject': 'writes objects',
  's3:DeleteObject': 'deletes objects',
  's3:GetBucketVersioning': 'tells whether the bucket has versions',
  's3:ListBucketVersions': 'lists versions of objects',
  's3:DeleteObjectVersion': 'deletes versions of objects',
}
const OF_LISTING = new Set(['s3:ListBucket', 's3:ListBucketVersions'])

/** Undefined for what nobody can prove. */
function placeOf(action: string, aws: boolean): Place | undefined {
  if (OF_LISTING.has(action)) return 'listing'
  const level = levelOf(action, aws)
  return level === 'object' ? 'objects' : level
}

/** Each action once for each place. `aws`: whether the service is AWS itself; others have no KMS actions and no CloudWatch. */
export function needsOf(asks: StoreAsks, aws: boolean): Need[] {
  const needs = [...ofConsumers(asks, aws), ...ofProofs(asks), ...ofSetup(asks), ...ofUsage(asks, aws)]
  if (aws) needs.push(...ofAcl(asks), ...ofKey(asks))
  const once = [...new Map(needs.map(need => [`${need.place} ${need.action}`, need])).values()]
  // What is allowed on the bucket as a whole need not be allowed on a part of its keys.
  const whole = new Set(once.filter(({ place }) => place === 'bucket').map(({ action }) => action))
  return once.filter(({ place, action }) => place !== 'listing' || !whole.has(action))
}

const writes = ({ uses }: StoreAsks): boolean => uses.length === 0 || uses.some(({ access }) => access !== 'ReadOnly')
const reads = ({ uses }: StoreAsks): boolean => uses.length === 0 || uses.some(({ access }) => access !== 'WriteOnly')

/** Whether the bucket may have versions: it is to get them, or nobody has seen that it has none. */
const mayHaveVersions = ({ setup, versioning }: StoreAsks): boolean =>
  setup?.versioning !== undefined || versioning !== 'Disabled'

/** What formats and accesses need, and what the store requires by name. */
function ofConsumers(asks: StoreAsks, aws: boolean): Need[] {
  const { uses, required = [] } = asks
  const byDefault = requiredPermissions(uses).filter(
    action => mayHaveVersions(asks) || !VERSION_PERMISSIONS.includes(action),
  )
  return [...new Set([...byDefault, ...required])].flatMap(action => {
    const place = placeOf(action, aws)
    const because = WORDS[action] ?? 'is required by name: spec.verification.require'
    return place === undefined ? [] : [{ action, place, because }]
  })
}

/** What a store requires by name, and nobody can prove. */
export const unprovable = ({ required = [] }: Pick<StoreAsks, 'required'>, aws: boolean): string[] =>
  required.filter(action => placeOf(action, aws) === undefined)

/** What the proof of other permissions needs. */
function ofProofs(asks: StoreAsks): Need[] {
  const needs: Need[] = []
  if (writes(asks)) needs.push({ action: 's3:AbortMultipartUpload', place: 'objects', because: ENDS_UPLOADS })
  if (!requiredPermissions(asks.uses).includes('s3:DeleteObject')) return needs
  needs.push({ action: 's3:GetBucketVersioning', place: 'bucket', because: DELETES_WITHOUT_MARKER })
  const hasVersions = asks.setup?.versioning !== undefined || ['Enabled', 'Suspended'].includes(asks.versioning ?? '')
  if (hasVersions) {
    const because = 'removes the marker that the proof of s3:DeleteObject leaves in a bucket with versions'
    needs.push({ action: 's3:DeleteObjectVersion', place: 'objects', because })
  }
  return needs
}

/** What `spec.bucket` needs. */
function ofSetup({ setup = {} }: StoreAsks): Need[] {
  const needs: Need[] = []
  const add = (action: string, because: string) => needs.push({ action, place: 'bucket', because })
  if (setup.create) {
    add('s3:CreateBucket', 'creates the bucket: spec.bucket.create')
    // HEAD of a bucket has no prefix, by which a condition could hold it.
    add('s3:ListBucket', 'sees whether the bucket is there: spec.bucket.create')
  }
  if (setup.versioning !== undefined) {
    add('s3:GetBucketVersioning', 'tells whether versioning is as asked for: spec.bucket.versioning')
    add('s3:PutBucketVersioning', 'sets versioning: spec.bucket.versioning')
  }
  if (setup.expirationDays !== undefined) {
    add('s3:GetBucketVersioning', 'tells whether replaced versions expire, too: spec.bucket.expirationDays')
    add('s3:GetLifecycleConfiguration', 'reads the rules of the bucket: spec.bucket.expirationDays')
    add('s3:PutLifecycleConfiguration', 'writes one rule among them: spec.bucket.expirationDays')
  }
  return needs
}

function ofUsage({ usage }: StoreAsks, aws: boolean): Need[] {
  if (usage === 'List') return [{ action: 's3:ListBucket', place: 'listing', because: 'counts objects: spec.usage' }]
  if (usage !== 'CloudWatch' || !aws) return []
  return ['cloudwatch:ListMetrics', 'cloudwatch:GetMetricData'].map(action => ({
    ...{ action, place: 'account' as const },
    because: 'reads the metrics of the bucket: spec.usage.source CloudWatch',
  }))
}

const ofAcl = (asks: StoreAsks): Need[] =>
  asks.acl !== undefined && writes(asks)
    ? [{ action: 's3:PutObjectAcl', place: 'ownAcl', because: 'asks for this one ACL: spec.clientOptions.acl' }]
    : []

function ofKey(asks: StoreAsks): Need[] {
  if (asks.encryption?.type !== 'SSE-KMS') return []
  const needs: Need[] = []
  if (writes(asks)) needs.push({ action: 'kms:GenerateDataKey', place: 'key', because: 'encrypts what is written' })
  const parts = reads(asks) ? 'decrypts what is read, and parts of uploads' : 'reads back parts of uploads'
  needs.push({ action: 'kms:Decrypt', place: 'key', because: parts })
  return needs
}

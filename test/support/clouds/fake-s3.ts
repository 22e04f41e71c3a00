/** An S3 service with an STS, in memory. It takes every key, and tells what the policies of those that it gave allow. */
import { fakeBucket } from '../../../src/providers/lab.contract.ts'
import { callerIdentity, stsCredentials, stsError } from './fake-aws.ts'
import {
  type Answer,
  type CloudReply,
  type CloudRequest,
  type FakeCloud,
  pageOf,
  quoted,
  startFakeCloud,
} from './fake-cloud.ts'

export interface FakeS3 extends FakeCloud {
  /** Session policies by the id of the key that was given with them. */
  policies: Map<string, string | undefined>
}

export async function startFakeS3(): Promise<FakeS3> {
  const policies: FakeS3['policies'] = new Map()
  const cloud = await startFakeCloud(answerAsS3(policies))
  return Object.assign(cloud, { policies })
}

export const answerAsS3 =
  (policies: FakeS3['policies']): Answer =>
  (request, cloud) =>
    request.form.has('Action')
      ? sts(request, cloud, policies)
      : (narrowed(request, cloud, policies) ?? s3(request, cloud))

function sts(request: CloudRequest, cloud: FakeCloud, policies: FakeS3['policies']): CloudReply {
  const { form } = request
  const { mood } = cloud
  const action = form.get('Action') ?? ''
  const isToken = action === 'AssumeRoleWithWebIdentity'
  if (mood === 'RefusesToken' && isToken) return stsError(400, 'ExpiredTokenException', quoted(request))
  if (mood === 'Refuses' && !isToken) {
    cloud.refusals++
    return stsError(403, 'InvalidClientTokenId', quoted(request))
  }
  if (action === 'GetCallerIdentity') return callerIdentity('arn:aws:iam::1:user/ml')
  const keyId = `ASIA${policies.size}`
  policies.set(keyId, form.get('Policy') ?? undefined)
  const end = new Date(Date.now() + Number(form.get('DurationSeconds')) * 1000)
  return stsCredentials(action, keyId, end, `${form.get('RoleArn') ?? 'arn:aws:iam::1:role/any'}/session`)
}

/** The refusal that a session policy leads to; undefined where it allows the request, or there is none. */
function narrowed(request: CloudRequest, { open, useless }: FakeCloud, policies: FakeS3['policies']) {
  const [, keyId = ''] = /Credential=([^/]+)/.exec(request.headers.authorization ?? '') ?? []
  if (!policies.has(keyId)) return undefined
  if (useless) return refuse(request, 403, 'AccessDenied')
  const policy = policies.get(keyId)
  if (open || policy === undefined) return undefined
  const [bucket = '', ...rest] = request.path
  const action = ACTIONS[rest.length > 0 ? request.method : 'LIST'] ?? 's3:ListBucket'
  const arn = `arn:aws:s3:::${request.path.join('/')}`
  const { Statement: statements } = JSON.parse(policy) as { Statement: Statement[] }
  const allows = ({ Action, Resource, Condition }: Statement): boolean => {
    const [prefix = ''] = Condition?.StringLike?.['s3:prefix'] ?? []
    const asked = request.query.get('prefix') ?? ''
    const isThere =
      rest.length > 0 ? arn.startsWith(`${Resource}`.replace(/\*$/, '')) : Resource === `arn:aws:s3:::${bucket}`
    return Action.includes(action) && isThere && asked.startsWith(prefix.replace(/\*$/, ''))
  }
  return statements.some(allows) ? undefined : refuse(request, 403, 'AccessDenied')
}

const ACTIONS: Record<string, string> = {
  LIST: 's3:ListBucket',
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
}

interface Statement {
  Action: string[]
  Resource: string | string[]
  Condition?: { StringLike?: Record<string, string[]> }
}

function s3(request: CloudRequest, cloud: FakeCloud): CloudReply {
  const { buckets, mood } = cloud
  const [name = '', ...rest] = request.path
  if (mood === 'Refuses') {
    cloud.refusals++
    return refuse(request, 403, 'InvalidAccessKeyId')
  }
  if (mood === 'Denies') return refuse(request, 403, 'AccessDenied')
  if (mood === 'Odd') return refuse(request, 400, 'OddRefusal')
  if (name === '') return xml('ListAllMyBucketsResult', `<Buckets>${[...buckets.keys()].map(named).join('')}</Buckets>`)
  if (request.method === 'PUT' && rest.length === 0 && request.query.size === 0) {
    buckets.set(name, fakeBucket())
    return { status: 200 }
  }
  const bucket = buckets.get(name)
  if (!bucket) return refuse(request, 404, 'NoSuchBucket')
  return rest.length > 0 ? object(request, bucket, rest.join('/')) : whole(request, bucket)
}

const named = (name: string) => `<Bucket><Name>${name}</Name></Bucket>`

type Bucket = ReturnType<typeof fakeBucket>

function whole(request: CloudRequest, { objects, settings }: Bucket): CloudReply {
  const { method, query, body } = request
  if (method === 'HEAD') return { status: 200 }
  const setting = ['versioning', 'lifecycle'].find(name => query.has(name))
  if (setting && method === 'PUT') settings.set(setting, body)
  if (setting && method === 'DELETE') settings.delete(setting)
  if (setting && method !== 'GET') return { status: method === 'DELETE' ? 204 : 200 }
  if (setting === 'lifecycle' && !settings.has(setting)) return refuse(request, 404, 'NoSuchLifecycleConfiguration')
  if (setting) return { status: 200, body: settings.get(setting) ?? '<VersioningConfiguration/>' }
  if (query.has('versions')) return xml('ListVersionsResult', '')
  if (query.has('uploads')) return xml('ListMultipartUploadsResult', uploads(settings))
  if (query.has('location')) return xml('LocationConstraint', '')
  const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? '']
  const { page, more } = pageOf({ objects, settings }, prefix, after, Number(query.get('max-keys')))
  const contents = page.map(([key, size]) => `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`)
  return xml('ListBucketResult', `<IsTruncated>${more}</IsTruncated>${contents.join('')}`)
}

const uploads = (settings: Bucket['settings']) =>
  [...settings]
    .filter(([id]) => id.startsWith('upload-'))
    .map(([id, key]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`)
    .join('')

function object(request: CloudRequest, { objects, settings }: Bucket, key: string): CloudReply {
  const { method, query, body, headers } = request
  const uploadId = query.get('uploadId')
  if (method === 'POST' && query.has('uploads')) {
    const id = `upload-${settings.size}`
    settings.set(id, key)
    return xml('InitiateMultipartUploadResult', `<UploadId>${id}</UploadId>`)
  }
  if (uploadId !== null) return settings.delete(uploadId) ? { status: 204 } : refuse(request, 404, 'NoSuchUpload')
  if (method === 'PUT') objects.set(key, body.length)
  if (method === 'DELETE' && headers['if-match'] && !objects.has(key)) return refuse(request, 412, 'PreconditionFailed')
  if (method === 'DELETE') objects.delete(key)
  if (method === 'HEAD' || method === 'GET')
    return objects.has(key) ? { status: 200 } : refuse(request, 404, 'NoSuchKey')
  return { status: method === 'DELETE' ? 204 : 200 }
}

const xml = (root: string, content: string): CloudReply => ({ status: 200, body: `<${root}>${content}</${root}>` })

const refuse = (request: CloudRequest, status: number, code: string): CloudReply => ({
  status,
  ...(request.method === 'HEAD'
    ? {}
    : { body: `<Error><Code>${code}</Code><Message>${quoted(request)}</Message></Error>` }),
})

/** A storage account with an Entra beside it, in memory. It takes every key and token, and SAS tokens to directories. */
import type { ServerOptions } from 'node:https'
import { fakeBucket } from '../../../src/providers/lab.contract.ts'
import {
  type Answer,
  type CloudReply,
  type CloudRequest,
  type FakeCloud,
  pageOf,
  quoted,
  startFakeCloud,
} from './fake-cloud.ts'

export const FAKE_ACCOUNT = 'acme'
export const FAKE_TENANT = 'tenant-1'
/** Parts of what it gives, all of which are secret. */
export const ENTRA_TOKEN_PART = 'entra-token-hush'
export const DELEGATION_KEY = Buffer.from('delegation-hush').toString('base64')

const TOKEN_SECONDS = 3600

/** At `url`: Entra; at `url`/acme: the blob service. */
export const startFakeBlobs = (tls: ServerOptions): Promise<FakeCloud> => startFakeCloud(answerAsBlobs, tls)

export const answerAsBlobs: Answer = (request, cloud) => {
  if (request.path[0] === FAKE_ACCOUNT) return blobs({ ...request, path: request.path.slice(1) }, cloud)
  return entra(request, cloud)
}

function entra({ path }: CloudRequest, { mood, url }: FakeCloud): CloudReply {
  const tenant = `${url}/${FAKE_TENANT}`
  if (path.at(-1) === 'openid-configuration') {
    const endpoints = { token_endpoint: `${tenant}/oauth2/v2.0/token`, authorization_endpoint: `${tenant}/authorize` }
    return json(200, { issuer: `${tenant}/v2.0`, jwks_uri: `${tenant}/keys`, ...endpoints })
  }
  if (mood === 'RefusesToken') {
    return json(401, { error: 'invalid_client', error_codes: [700024], error_description: 'AADSTS700024: expired' })
  }
  const claims = Buffer.from(JSON.stringify({ tid: FAKE_TENANT, appid: 'client-1' })).toString('base64url')
  return json(200, { access_token: `${ENTRA_TOKEN_PART}.${claims}.x`, expires_in: TOKEN_SECONDS })
}

const json = (status: number, body: object): CloudReply => ({
  ...{ status, body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json' },
})

function blobs(request: CloudRequest, cloud: FakeCloud): CloudReply {
  const { buckets, mood } = cloud
  const { method, query } = request
  const [name = '', ...rest] = request.path
  const directory = query.get('sr') === 'd' && !cloud.open
  const refused = query.has('sig') && query.has('sr') && sasRefusal(request, rest, cloud)
  if (refused) return refused
  // What the directory is was signed; here its depth tells below from beside.
  const depth = rest.length > 0 ? rest.length : (query.get('prefix') ?? '').split('/').length
  if (directory && depth <= Number(query.get('sdd'))) return refuse(request, 403, 'AuthenticationFailed')
  if (mood === 'Refuses' && !directory) {
    cloud.refusals++
    return refuse(request, 403, 'AuthenticationFailed')
  }
  if (query.get('comp') === 'properties') return marked({ status: 200 })
  if (mood === 'Denies') return refuse(request, 403, 'AuthorizationPermissionMismatch')
  if (mood === 'Odd') return refuse(request, 400, 'OddRefusal')
  if (query.get('comp') === 'userdelegationkey') return marked({ status: 200, body: delegationKey() })
  if (name === '') return containers(buckets)
  const whole = query.get('restype') === 'container'
  if (whole && method === 'PUT') {
    if (buckets.has(name)) return refuse(request, 409, 'ContainerAlreadyExists')
    buckets.set(name, fakeBucket())
    return marked({ status: 201 })
  }
  const container = buckets.get(name)
  if (!container) return refuse(request, 404, 'ContainerNotFound')
  return whole ? list(request, container) : blob(request, container, rest.join('/'))
}

/** The refusal that the letters of a SAS token lead to, or a name that is beside its directory. */
function sasRefusal(request: CloudRequest, rest: string[], { open, useless }: FakeCloud): CloudReply | undefined {
  const { method, query } = request
  if (useless) return refuse(request, 403, 'AuthorizationFailure')
  if (open) return undefined
  const beside = [...rest, query.get('prefix') ?? ''].some(part => part.includes('-artifactstore-outside'))
  if (query.get('sr') === 'd' && beside) return refuse(request, 403, 'AuthenticationFailed')
  const letter = rest.length === 0 ? 'l' : (LETTERS[method] ?? 'r')
  return query.get('sp')?.includes(letter) ? undefined : refuse(request, 403, 'AuthorizationPermissionMismatch')
}

const LETTERS: Record<string, string> = { PUT: 'w', DELETE: 'd' }

type Bucket = ReturnType<typeof fakeBucket>

const containers = (buckets: FakeCloud['buckets']) =>
  results(
    'Containers',
    [...buckets.keys()].map(name => `<Container><Name>${name}</Name><Properties/></Container>`),
    '',
  )

function list({ query }: CloudRequest, bucket: Bucket): CloudReply {
  const [prefix, marker] = [query.get('prefix') ?? '', query.get('marker') ?? '']
  const { page, last, more } = pageOf(bucket, prefix, marker, Number(query.get('maxresults')))
  const items = page.map(
    ([key, size]) =>
      `<Blob><Name>${key}</Name><Properties><Content-Length>${size}</Content-Length></Properties></Blob>`,
  )
  return results('Blobs', items, more ? last : '')
}

const results = (kind: string, items: string[], next: string): CloudReply =>
  marked({
    status: 200,
    body: `<EnumerationResults><${kind}>${items.join('')}</${kind}><NextMarker>${next}</NextMarker></EnumerationResults>`,
  })

function blob(request: CloudRequest, { objects }: Bucket, key: string): CloudReply {
  const { method, query, headers, body } = request
  if (method === 'PUT' && headers['if-match']) return refuse(request, 412, 'ConditionNotMet')
  if (method === 'PUT' && !query.has('comp')) {
    objects.set(key, body.length)
    return marked({ status: 201 })
  }
  if (!objects.has(key)) return refuse(request, 404, 'BlobNotFound')
  if (method === 'DELETE') objects.delete(key)
  return marked({ status: method === 'DELETE' ? 202 : 200 })
}

function delegationKey(): string {
  const [start, end] = [-3_600_000, 24 * 3_600_000].map(
    ms => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`,
  )
  const ids = '<SignedOid>o</SignedOid><SignedTid>t</SignedTid><SignedService>b</SignedService>'
  const times = `<SignedStart>${start}</SignedStart><SignedExpiry>${end}</SignedExpiry>`
  return `<UserDelegationKey>${ids}${times}<SignedVersion>v</SignedVersion><Value>${DELEGATION_KEY}</Value></UserDelegationKey>`
}

let answers = 0

/** As the service marks what it says. */
const marked = ({ headers, ...reply }: CloudReply): CloudReply => ({
  ...reply,
  headers: { 'x-ms-request-id': `${++answers}`, ...headers },
})

const refuse = (request: CloudRequest, status: number, code: string): CloudReply =>
  marked({
    status,
    headers: { 'x-ms-error-code': code },
    ...(request.method === 'HEAD'
      ? {}
      : { body: `<Error><Code>${code}</Code><Message>${quoted(request)}</Message></Error>` }),
  })

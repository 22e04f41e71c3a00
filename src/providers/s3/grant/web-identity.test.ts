import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeMaterial } from '../../../../test/support/objects.ts'
import { type Failure, transient } from '../../../api/failures.ts'
import type { Auth, WebIdentityAuth } from '../identity/auth.ts'
import type { S3Identity } from '../identity/identity.ts'
import { withWebIdentity } from './web-identity.ts'

const none = new AbortController().signal
const END = new Date('2030-01-01T13:00:00Z')
const SOONER = new Date('2030-01-01T12:30:00Z')
const tokenUntil = (end: Date) =>
  `x.${Buffer.from(JSON.stringify({ exp: end.getTime() / 1000 })).toString('base64url')}.x`

const web = (token: string | Failure): WebIdentityAuth => ({
  ...{ kind: 'webIdentity', roleArn: 'arn:aws:iam::1:role/ml', audience: 'a', subject: 's' },
  token: async () => token,
  refused: () => undefined,
})
const key: Auth = {
  kind: 'accessKey',
  secret: 's',
  temporary: false,
  key: () => ({ accessKeyId: 'a', secretAccessKey: 'b' }),
}

const grant = { kind: 'grant' as const, issuedAt: new Date(0), expiresAt: END, material: fakeMaterial }

const granted = (auth: Auth, change: Partial<S3Identity> = {}) =>
  withWebIdentity(grant, { auth, sts: { host: 'sts', field: 'f' }, ...change } as S3Identity, 'ml.prod.step', none)

describe('the identity of a connector, for consumers', () => {
  test('the web identity for consumers is the token of the ServiceAccount, for the role', async () => {
    const token = tokenUntil(END)
    const webIdentity = { roleArn: 'arn:aws:iam::1:role/ml', token, sessionName: 'ml.prod.step' }
    assert.deepEqual(await granted(web(token)), { ...grant, material: { ...fakeMaterial, webIdentity } })
  })

  test('the web identity for consumers is exchanged at the STS of the service', async () => {
    const url = 'https://minio:9000'
    const found = await granted(web(tokenUntil(END)), { sts: { url, host: 'minio:9000', field: 'f' } })
    assert.equal('material' in found && found.material.webIdentity?.stsEndpoint, url)
  })

  test('a grant with a web identity ends when the first of both ends', async () => {
    const found = await granted(web(tokenUntil(SOONER)))
    assert.deepEqual('expiresAt' in found && found.expiresAt, SOONER)
  })

  test('a key, or a role of a chain, has no web identity for consumers', async () => {
    assert.equal(await granted(key), grant)
    assert.equal(await granted(web(tokenUntil(END)), { assumeRoles: [{ roleArn: 'arn:aws:iam::2:role/x' }] }), grant)
  })

  test('without a token there is no grant with a web identity, but a failure', async () => {
    const failure = transient('TokenUnavailable', 'm')
    assert.equal(await granted(web(failure)), failure)
  })
})

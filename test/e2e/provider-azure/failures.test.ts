import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { type Failure, isFailure } from '../../../src/api/failures.ts'
import { isRejection } from '../../../src/providers/rejection.ts'
import { newAccountKey } from '../../cluster/azurite.ts'
import { storageError } from '../../cluster/blob-gateway.ts'
import { createCertificateAuthority } from '../../cluster/certificates.ts'
import { until } from '../../support/until.ts'
import {
  AUDIENCE,
  type AzureSpec,
  accountKey,
  grantRequest,
  type Lab,
  none,
  probed,
  probeRequest,
  sasToken,
  servicePrincipal,
  startLab,
  workloadIdentity,
} from './lab.ts'

describe('failures of the Azure provider', {
  skip: process.env['USE_EXISTING_CLUSTER'] === 'true',
}, () => {
  let lab: Lab

  before(async () => {
    lab = await startLab()
    await lab.azurite.admin.createContainer('data')
    lab.setRoles({ role: 'Storage Blob Data Contributor' })
  })
  afterEach(() => {
    lab.entra.recover()
    lab.storage.recover()
    lab.imds.recover()
    lab.entra.register(lab.app)
    lab.entra.setTokenLifetime(3600)
  })
  after(() => lab?.stop())

  /** `stalled Reason`, followed by `rejected` if the service no longer accepts the credentials. */
  function resultOf(result: unknown): string {
    if (!isFailure(result)) return 'ok'
    assert.doesNotMatch(result.message, /Trace|RequestId|Timestamp|\d{4}-\d\d-\d\dT|sig=/, 'status must not churn')
    assert.ok(!result.message.includes(lab.azurite.accountKey))
    return `${result.intent} ${result.reason}${isRejection(result) ? ' rejected' : ''}`
  }

  describe('Entra refuses', () => {
    type Case = [name: string, expected: string, azure: () => Partial<AzureSpec>, values?: Record<string, string>]
    const other = (change: object) => ({
      auth: { workloadIdentity: { serviceAccountName: 'reader', ...change } },
    })
    const cases: Case[] = [
      ['a stranger', 'stalled FederatedCredentialMismatch', () => ({ auth: workloadIdentity('stranger') })],
      ['another audience', 'stalled FederatedCredentialMismatch', () => other({ audience: 'api://other' })],
      ['an unknown client', 'stalled ClientNotFound', () => other({ clientId: 'nobody' })],
      ['an unknown tenant', 'stalled TenantNotFound', () => other({ tenantId: 'nowhere' })],
      [
        'a wrong secret',
        'stalled CredentialsRejected rejected',
        () => ({ auth: servicePrincipal }),
        { client_secret: 'wrong' },
      ],
      [
        'an identity that the node has not',
        'stalled ManagedIdentityNotFound',
        () => ({ auth: { managedIdentity: {} } }),
      ],
      [
        'to be trusted, for its certificate is by another CA',
        'stalled TLSVerificationFailed',
        () => ({}),
        { 'ca.crt': 'other' },
      ],
    ]
    for (const [name, expected, azure, values = {}] of cases) {
      test(`${name}: ${expected}`, async () => {
        const ca = values['ca.crt'] && (await createCertificateAuthority('other')).certPem
        assert.equal(resultOf(await lab.open(azure(), ca ? { 'ca.crt': ca } : values)), expected)
      })
    }

    test('a stranger: the message shows exactly what to register', async () => {
      const failure = (await lab.open({ auth: workloadIdentity('stranger') })) as Failure
      const [message, said] = failure.message.split(' (the service says: ')
      assert.equal(
        message,
        `client ${lab.app.clientId} of tenant ${lab.app.tenantId} does not trust the ServiceAccount (AADSTS700213): give it a federated credential with issuer "${lab.controlPlane.issuer}", subject "system:serviceaccount:default:stranger" and audience "${AUDIENCE}", exactly so`,
      )
      assert.match(said ?? '', /^"AADSTS700213: No matching federated identity record found/)
    })

    test('an expired secret', async () => {
      lab.entra.register({ ...lab.app, secrets: [{ value: 'right', expiresAt: new Date(0) }] })
      assert.equal(resultOf(await lab.open({ auth: servicePrincipal })), 'stalled CredentialsExpired rejected')
    })

    test('for a while, and answers again', async () => {
      for (const [reply, expected] of [
        [{ status: 503, body: {} }, 'transient ServiceUnavailable'],
        [{ status: 429, body: {} }, 'transient Throttled'],
        ['reset', 'transient EndpointUnreachable'],
      ] as const) {
        lab.entra.fail(reply)
        assert.equal(resultOf(await lab.open()), expected)
        lab.entra.recover()
        assert.equal(resultOf(await lab.open()), 'ok', `after ${expected}`)
      }
    })
  })

  describe('a managed identity', () => {
    // What a connector trusts does not count: the operator itself has to trust the service.
    const wellKnown = getCACertificates('default')
    before(() => setDefaultCACertificates([...wellKnown, lab.caPem]))
    after(() => setDefaultCACertificates(wellKnown))

    test('goes to no endpoint that is not listed, nowhere with a CA of the connector, and is no client that is not listed', async () => {
      const calls = lab.calls.length
      for (const [managedIdentity, azure, message] of [
        [{}, { endpoint: 'https://localhost:1' }, /^spec\.azure\.endpoint: "localhost" may not get tokens/],
        [{}, { caBundle: { configMapKeyRef: { name: 'azure-ca' } } }, /^spec\.azure\.caBundle: /],
        [{ clientId: 'kubelet' }, {}, /^spec\.azure\.auth\.managedIdentity\.clientId: .* may not be "kubelet"/],
      ] as const) {
        const failure = await lab.open({ auth: { managedIdentity }, ...azure })
        assert.equal(resultOf(failure), 'stalled ImplicitAuthNotAllowed')
        assert.match((failure as Failure).message, message)
      }
      assert.equal(lab.calls.length, calls)
      assert.deepEqual(
        lab.imds.requests.filter(({ query }) => query.get('client_id') === 'kubelet'),
        [],
      )
    })

    test('is taken from the node', async () => {
      lab.imds.assign({ ...lab.app, resourceId: '/subscriptions/a/id' })
      for (const managedIdentity of [{}, { clientId: lab.app.clientId }, { resourceId: '/subscriptions/a/id' }]) {
        const session = await lab.session({ auth: { managedIdentity } })
        assert.deepEqual(session.caller, { tenantId: lab.app.tenantId, clientId: lab.app.clientId })
        await probed(session, probeRequest('data'))
      }
      lab.imds.fail({ status: 410, body: {} })
      const unknown = { managedIdentity: { clientId: 'unknown' } }
      assert.equal(resultOf(await lab.open({ auth: unknown })), 'transient ServiceUnavailable')
      lab.imds.unassign(lab.app)
    })

    test('opens no session with a token that the account refuses, also one that the library has kept', async () => {
      const kept = { managedIdentity: { clientId: 'kept' } }
      lab.imds.assign({ ...lab.app, clientId: 'kept' })
      assert.equal(resultOf(await lab.open({ auth: kept })), 'ok')
      lab.storage.fail(storageError(401, 'InvalidAuthenticationInfo', 'no'))
      assert.equal(resultOf(await lab.open({ auth: kept })), 'transient SessionExpired rejected')
      lab.storage.recover()
      assert.equal(resultOf(await lab.open({ auth: kept })), 'ok')
      assert.equal(lab.imds.requests.filter(({ query }) => query.get('client_id') === 'kept').length, 1)
    })

    test("is the operator's workload identity where AKS gives it one", async t => {
      const dir = await mkdtemp(join(tmpdir(), 'azure-failures-'))
      const file = join(dir, 'token')
      const environment = {
        ...{ AZURE_FEDERATED_TOKEN_FILE: file, AZURE_TENANT_ID: lab.app.tenantId },
        ...{ AZURE_CLIENT_ID: lab.app.clientId, AZURE_AUTHORITY_HOST: lab.entra.authorityHost },
      }
      t.after(async () => {
        for (const name of Object.keys(environment)) delete process.env[name]
        await rm(dir, { recursive: true })
      })
      // This Entra belongs to the operator's environment: the CA bundle of a connector does not apply to it.
      Object.assign(process.env, environment)
      const elsewhere = { auth: { managedIdentity: {} }, authorityHost: 'https://entra.invalid' }

      await writeFile(file, await lab.token('reader', AUDIENCE))
      const session = await lab.session(elsewhere)
      assert.deepEqual(session.caller, { tenantId: lab.app.tenantId, clientId: lab.app.clientId })
      await probed(session, probeRequest('data'))

      await writeFile(file, await lab.token('stranger', AUDIENCE))
      const failure = (await lab.open(elsewhere)) as Failure
      assert.equal(resultOf(failure), 'stalled FederatedCredentialMismatch')
      assert.match(failure.message, /subject "system:serviceaccount:default:stranger"/)
    })
  })

  describe('the account refuses', () => {
    const probe = async (azure: Partial<AzureSpec> = {}, container = 'data', values = {}) => {
      const session = await lab.open(azure, values)
      return isFailure(session) ? session : session.probe(probeRequest(container), none)
    }
    test('an absent container', async () => {
      for (const auth of [workloadIdentity(), accountKey]) {
        assert.equal(resultOf(await probe({ auth }, 'absent')), 'stalled ContainerNotFound')
      }
    })
    test('a wrong key', async () => {
      const failure = await probe({ auth: accountKey }, 'data', { account_key: newAccountKey() })
      assert.equal(resultOf(failure), 'stalled CredentialsRejected rejected')
    })
    test('a SAS token by another key', async () => {
      const token = 'sv=2026-04-06&sr=c&sp=racwdl&se=2099-01-01T00:00:00Z&sig=aGVsbG8%3D'
      assert.equal(
        resultOf(await probe({ auth: sasToken }, 'data', { sas_token: token })),
        'stalled CredentialsRejected',
      )
    })
    test('a SAS token that has ended, before anything is asked', async () => {
      lab.calls.length = 0
      const token = 'sv=2026-04-06&sr=c&sp=racwdl&se=2020-01-01T00:00:00Z&sig=aGVsbG8%3D'
      const failure = await lab.open({ auth: sasToken }, { sas_token: token })
      assert.ok(isFailure(failure))
      assert.equal(failure.reason, 'CredentialsExpired')
      assert.deepEqual(lab.calls, [])
    })
    test('a path in another account', async () => {
      const host = 'other.dfs.core.windows.net'
      const session = await lab.session()
      const location = { bucket: 'data', prefix: 'team/', uri: `abfss://data@${host}/team`, host }
      lab.calls.length = 0
      assert.equal(resultOf(await session.probe(probeRequest('data', { location }), none)), 'stalled AccountMismatch')
      assert.equal(resultOf(await session.grant(grantRequest('data', { location }), none)), 'stalled AccountMismatch')
      assert.deepEqual(lab.calls, [])
    })

    test('a token, and is asked no second time with the same one', async () => {
      const session = await lab.session()
      const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${lab.app.tenantId}/oauth2/authorize resource_id=https://storage.azure.com`
      const reply = storageError(401, 'InvalidAuthenticationInfo', 'no', { 'www-authenticate': challenge })
      lab.storage.fail(reply)
      const before = lab.storage.requests.length
      assert.equal(resultOf(await session.probe(probeRequest('data'), none)), 'transient SessionExpired rejected')
      // The three by which the probe looks, and one about the account, which alone can say that the token is refused
      // everywhere.
      assert.equal(lab.storage.requests.length - before, 4)
    })

    test('for a while, and answers again', async () => {
      const session = await lab.session()
      for (const [reply, expected] of [
        [storageError(503, 'ServerBusy', 'busy'), 'transient Throttled'],
        [storageError(500, 'InternalError', 'broken'), 'transient ServiceUnavailable'],
        [storageError(409, 'ContainerBeingDeleted', 'going'), 'transient ContainerBeingDeleted'],
        [
          storageError(403, 'AuthorizationFailure', 'This request is not authorized to perform this operation.'),
          'stalled NetworkNotAllowed',
        ],
        [storageError(403, 'AccountIsDisabled', 'disabled'), 'stalled AccountIsDisabled'],
        ['reset', 'transient EndpointUnreachable'],
      ] as const) {
        lab.storage.fail(reply)
        assert.equal(resultOf(await session.probe(probeRequest('data'), none)), expected)
        lab.storage.recover()
      }
      // After so many broken connections the endpoint is not called for a moment.
      await until(
        'calls go through again',
        async () => resultOf(await session.probe(probeRequest('data'), none)) === 'ok',
      )
    })
  })

  describe('a session that has become useless is given up', () => {
    test('when its Entra token has ended', async () => {
      lab.entra.setTokenLifetime(1)
      const session = await lab.session()
      const ended = await until('the token has ended', async () => {
        const result = resultOf(await session.probe(probeRequest('data'), none))
        return result !== 'ok' && result
      })
      assert.equal(ended, 'transient SessionExpired rejected')
    })

    test('when its key is regenerated', async () => {
      const session = await lab.session({ auth: accountKey })
      const old = lab.azurite.accountKey
      await lab.azurite.halt()
      await lab.azurite.start({ accountKey: newAccountKey() })
      assert.equal(resultOf(await session.probe(probeRequest('data'), none)), 'stalled CredentialsRejected rejected')
      assert.equal(
        resultOf(await lab.open({ auth: accountKey }, { account_key: old })),
        'stalled CredentialsRejected rejected',
      )
      assert.equal(resultOf(await lab.open({ auth: accountKey })), 'ok')
    })
  })
})

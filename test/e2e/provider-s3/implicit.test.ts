import assert from 'node:assert/strict'
import https from 'node:https'
import { after, before, describe, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { isFailure } from '../../../src/api/failures.ts'
import { isRejection } from '../../../src/providers/rejection.ts'
import {
  type CredentialEndpoint,
  type ServedKey,
  startMetadataService,
  startPodIdentityAgent,
} from '../../support/clouds/credential-endpoints.ts'
import { type AwsSpec, type Lab, none, probed, probeRequest, results, startLab } from './lab.ts'

const implicit: AwsSpec['auth'] = { implicit: {} }

describe('S3 provider: the operator’s own identity', () => {
  let lab: Lab
  const ownEnvironment = { ...process.env }
  const wellKnown = getCACertificates('default')

  before(async () => {
    lab = await startLab()
    // What a connector trusts does not count: the operator itself has to trust the service.
    setDefaultCACertificates([...wellKnown, lab.minio.caPem])
    await lab.minio.admin.createBucket('plain')
  })
  after(async () => {
    process.env = ownEnvironment
    setDefaultCACertificates(wellKnown)
    await lab.stop()
  })

  /** Creates a temporary key at MinIO. */
  async function temporaryKey(): Promise<ServedKey> {
    const { endpoint, caPem, rootUser, rootPassword } = lab.minio
    const client = new STSClient({
      ...{ endpoint, region: 'us-east-1', credentials: { accessKeyId: rootUser, secretAccessKey: rootPassword } },
      requestHandler: { httpsAgent: new https.Agent({ ca: caPem }) },
    })
    const input = { RoleArn: 'arn:aws:iam::1:role/operator', RoleSessionName: 'operator', DurationSeconds: 900 }
    const { Credentials: given } = await client.send(new AssumeRoleCommand(input))
    client.destroy()
    assert.ok(given?.AccessKeyId && given.SecretAccessKey && given.SessionToken && given.Expiration)
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
      expiresAt: given.Expiration,
    }
  }

  const sources: [name: string, start: () => Promise<CredentialEndpoint>][] = [
    ['EKS Pod Identity', () => startPodIdentityAgent('token-of-the-operator')],
    ['an instance role', startMetadataService],
  ]
  for (const [name, start] of sources) {
    test(`by ${name} works, ends, and is taken anew`, async t => {
      const source = await start()
      t.after(() => source.close())
      process.env = {
        ...ownEnvironment,
        AWS_SHARED_CREDENTIALS_FILE: '/none',
        AWS_CONFIG_FILE: '/none',
        ...source.environment,
      }
      source.key = await temporaryKey()
      const session = await lab.session({ auth: implicit })
      assert.equal(session.expiresAt?.getTime(), source.key.expiresAt.getTime())
      const { permissions } = await probed(session, probeRequest('plain'))
      assert.equal(results(permissions)['PutObject'], 'Allowed')

      // All temporary keys become invalid with the password that signed them.
      await lab.minio.halt()
      await lab.minio.start({ rootPassword: `password-after-${source.key.accessKeyId}` })
      const failure = await session.probe(probeRequest('plain'), none)
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.intent, failure.reason, isRejection(failure)], ['transient', 'SessionExpired', true])
      assert.match(failure.message, /the operator's own AWS identity/)

      source.key = await temporaryKey()
      await probed(await lab.session({ auth: implicit }), probeRequest('plain'))
    })
  }

  test('goes to no endpoint that is not listed, and nowhere with a CA of the connector', async () => {
    const before = lab.calls.length
    for (const [aws, message] of [
      [{ endpoint: 'https://localhost:1' }, /^spec\.aws\.endpoint: "localhost" may not get tokens/],
      [{ endpoint: lab.minio.endpoint.replace('https', 'http') }, /^spec\.aws\.endpoint: .*not sent over http/],
      [{ caBundle: { configMapKeyRef: { name: 'minio-ca' } } }, /^spec\.aws\.caBundle: /],
    ] as const) {
      const failure = await lab.open({ auth: implicit, ...aws })
      assert.ok(isFailure(failure))
      assert.equal(failure.intent, 'stalled')
      assert.match(failure.message, message)
    }
    assert.equal(lab.calls.length, before)
  })

  test('has nothing to hand on where no role narrows it', async t => {
    const source = await startPodIdentityAgent('token-of-the-operator')
    t.after(() => source.close())
    process.env = { ...ownEnvironment, ...source.environment }
    source.key = await temporaryKey()
    const session = await lab.session({ auth: implicit })
    const request = { ...probeRequest('plain'), access: 'ReadOnly' as const, sessionName: 's', durationMs: 900_000 }
    const grant = await session.grant(request, none)
    assert.ok(isFailure(grant))
    assert.deepEqual([grant.intent, grant.reason], ['stalled', 'AssumeRoleRefused'])
    assert.match(
      grant.message,
      /for the operator's own AWS identity \(AccessDenied\).*use spec\.aws\.auth\.webIdentity or accessKey/,
    )
  })
})

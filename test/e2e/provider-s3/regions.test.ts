import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../../src/api/failures.ts'
import type { Session } from '../../../src/providers/provider.ts'
import { createS3Provider } from '../../../src/providers/s3/provider.ts'
import { type Minio, startMinio } from '../../cluster/minio.ts'
import { awsMaterial } from '../../support/granted.ts'
import { type AwsSpec, accessKey, consumer, none, probed, probeRequest, results } from './lab.ts'

const REGION = 'eu-north-1'

describe('S3 provider at a service that checks regions', () => {
  const provider = createS3Provider({ now: () => new Date() })
  let minio: Minio

  before(async () => {
    minio = await startMinio()
    await minio.admin.createBucket('plain')
    await minio.admin.mc('admin', 'config', 'set', 'test', 'site', `region=${REGION}`)
    await minio.halt()
    await minio.start()
  })
  after(async () => {
    provider.close()
    await minio.stop()
  })

  async function open(aws: Partial<AwsSpec>): Promise<Session> {
    const keys: Record<string, string> = {
      aws_access_key_id: minio.rootUser,
      aws_secret_access_key: minio.rootPassword,
      'ca.crt': minio.caPem,
    }
    const identity = provider.identity(
      { aws: { endpoint: minio.endpoint, caBundle: { configMapKeyRef: { name: 'ca' } }, auth: accessKey, ...aws } },
      { connector: { namespace: 'default', name: 'minio', uid: 'uid' }, value: ({ key }) => keys[key] },
    )
    assert.ok(!isFailure(identity), JSON.stringify(identity))
    const session = await provider.open(identity, none)
    assert.ok(!isFailure(session), JSON.stringify(session))
    return session
  }

  const cases: [name: string, aws: Partial<AwsSpec>][] = [
    ['named right', { region: REGION }],
    ['not named', {}],
    ['named wrong', { region: 'ap-south-1' }],
    ['not named, with a role', { assumeRoles: [{ roleArn: 'arn:aws:iam::1:role/artifacts' }] }],
  ]
  for (const [name, aws] of cases) {
    test(`signs for the region of the service, which is ${name}`, async () => {
      const session = await open(aws)
      const { bucket, permissions } = await probed(session, probeRequest('plain'))
      assert.equal(bucket.region, REGION)
      const found = results(permissions)
      assert.deepEqual([found['ListBucket'], found['GetObject'], found['PutObject']], Array(3).fill('Allowed'))

      const request = { ...probeRequest('plain'), access: 'ReadWrite' as const, sessionName: 's', durationMs: 900_000 }
      const grant = await session.grant(request, none)
      const material = awsMaterial(grant)
      assert.equal(material.region, REGION)
      const pod = consumer(material)
      assert.equal(await pod.put('team/x'), 200)
      pod.close()
      session.close()
    })
  }
})

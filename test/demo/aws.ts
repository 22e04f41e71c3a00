/** The demo for S3: MinIO, the sample web-identity, and a boto3 process that never restarts. */
import { join } from 'node:path'
import { pythonWithBoto3 } from '../cluster/tools.ts'
import { ClientProcess } from '../support/client-process.ts'
import { MountedSecret, plainText } from '../support/mounted-secret.ts'
import { World } from '../support/world.ts'
import { add, replace, writeOverlay } from './overlay.ts'
import { DIRECTORY, type Presenter } from './presenter.ts'

const [BUCKET, PREFIX, SECRET] = ['models', 'team-a/', 'models-step']

export const startWorld = (): Promise<World> => World.start()

export async function run(world: World, presenter: Presenter): Promise<void> {
  const { endpoint, roleArn, caPem, admin } = world.minio
  presenter.show(`Kubernetes at ${world.controlPlane.server}, MinIO at ${endpoint}; deploy/ is applied`)
  await admin.createBucket(BUCKET)
  const operator = await presenter.startOperator()

  const volume = new MountedSecret(join(world.controlPlane.dir, 'mount'))
  writeOverlay(DIRECTORY, 'web-identity', {
    ServiceConnector: [replace('/spec/aws/endpoint', endpoint), replace('/spec/aws/auth/webIdentity/roleArn', roleArn)],
    ConfigMap: [replace('/data/ca.crt', caPem)],
    ArtifactStore: [
      // The path where the consumer finds its Secret, as there is no kubelet here.
      add('/spec/credentials/0/mountPath', volume.path),
      // The shortest duration: with it SDKs look for new credentials at every use, and the demo needn't wait.
      add('/spec/credentials/0/duration', '15m'),
    ],
  })
  await presenter.apply('deploy/samples/web-identity with the endpoint, role and CA of this machine')
  await presenter.ready(operator)

  volume.update(plainText((await presenter.readSecret(SECRET)).data))
  await using consumer = new ClientProcess({
    command: await pythonWithBoto3(),
    args: [join(import.meta.dirname, 'aws-client.py')],
    env: { AWS_CONFIG_FILE: join(volume.path, 'config') },
  })
  await useSecret(presenter, consumer, volume)
}

async function useSecret(presenter: Presenter, consumer: ClientProcess, volume: MountedSecret): Promise<void> {
  const object = `${BUCKET} ${PREFIX}hello.txt`
  const denied = { refused: 'AccessDenied' }
  await presenter.expect(
    consumer,
    `put ${object} hello`,
    { ok: 'written' },
    `boto3 wrote s3://${BUCKET}/${PREFIX}hello.txt`,
  )
  await presenter.expect(consumer, `get ${object}`, { ok: 'hello' }, 'boto3 read it back')
  await presenter.expect(consumer, `put ${BUCKET} team-b/x no`, denied, 'boto3 is refused outside the prefix')
  await presenter.expect(consumer, `list ${BUCKET} team-b/`, denied, 'and may not list there')

  const before = await consumer.ask('key')
  volume.update(plainText((await presenter.repaired(SECRET)).data))
  const after = await consumer.ask('key')
  if (JSON.stringify(after) === JSON.stringify(before)) throw new Error('the consumer still has its old key')
  await presenter.expect(
    consumer,
    `get ${object}`,
    { ok: 'hello' },
    'the running boto3 process reads with the new ones',
  )
  await presenter.showStatus()
}

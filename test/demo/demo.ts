/**
 * The operator at work on this machine: a real control plane, MinIO, the operator under its own ServiceAccount, the
 * samples of deploy/, and a boto3 process that uses what it projects. Ends by itself; `KEEP=1` leaves it running.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { KubeObject } from '../../src/api/object.ts'
import { ARTIFACT_STORES, SECRETS } from '../../src/kube/resource.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { pythonWithBoto3 } from '../cluster/tools.ts'
import { until } from '../support/until.ts'
import type { SecretObject } from '../support/world.ts'
import { World } from '../support/world.ts'
import { writeOverlay } from './overlay.ts'
import { SecretVolume } from './volume.ts'

const DIRECTORY = join(import.meta.dirname, '../../.demo')
const [BUCKET, PREFIX, SECRET, NAMESPACE] = ['models', 'team-a/', 'models-step', 'ml']

const started = performance.now()
const shown: string[] = []
function show(line: string): void {
  console.log(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`)
}
function proven(line: string): void {
  show(`ok: ${line}`)
  shown.push(line)
}

/** A line in, a line out. */
class Consumer {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor(python: string, mount: string) {
    const env = { PATH: process.env['PATH'], AWS_CONFIG_FILE: join(mount, 'config'), AWS_EC2_METADATA_DISABLED: 'true' }
    this.#process = spawn(python, [join(import.meta.dirname, 'client.py')], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    if (!this.#process.stdout) throw new Error('no output to read')
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  async ask(command: string): Promise<{ ok?: unknown; refused?: string }> {
    this.#process.stdin?.write(`${command}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('the consumer ended')
    return JSON.parse(value)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.kill()
    await exit
  }
}

async function expect(consumer: Consumer, command: string, wanted: object, line: string): Promise<void> {
  const answer = await consumer.ask(command)
  if (JSON.stringify(answer) !== JSON.stringify(wanted)) {
    throw new Error(`"${command}" gave ${JSON.stringify(answer)}, not ${JSON.stringify(wanted)}`)
  }
  proven(line)
}

const readSecret = (world: World): Promise<SecretObject> => world.client.get<SecretObject>(SECRETS, NAMESPACE, SECRET)

async function run(world: World): Promise<void> {
  show(`Kubernetes at ${world.controlPlane.server}, MinIO at ${world.minio.endpoint}; deploy/ is applied`)
  await world.minio.admin.createBucket(BUCKET)
  const operator = await world.startOperator([])
  show('the operator runs as system:serviceaccount:artifact-store-system:artifact-store-operator')

  const volume = new SecretVolume(join(world.controlPlane.dir, 'mount'))
  const { endpoint, roleArn, caPem } = world.minio
  writeOverlay(DIRECTORY, { endpoint, roleArn, caPem, mountPath: volume.path })
  show('kubectl apply -k .demo   # deploy/samples/web-identity with the endpoint, role and CA of this machine')
  console.log(await kubectl(world.controlPlane, ['apply', '-k', DIRECTORY]))
  const wait = ['wait', '--for=condition=Ready', 'artifactstore/models', '-n', NAMESPACE, '--timeout=30s']
  await kubectl(world.controlPlane, wait).catch(async error => {
    console.log(await kubectl(world.controlPlane, ['describe', 'serviceconnectors,artifactstores', '-n', NAMESPACE]))
    console.log(operator.raw.slice(-20).join('\n'))
    throw error
  })
  proven('the store is Ready')
  console.log(await kubectl(world.controlPlane, ['get', 'serviceconnectors,artifactstores', '-n', NAMESPACE]))

  volume.update((await readSecret(world)).data)
  const consumer = new Consumer(await pythonWithBoto3(), volume.path)
  try {
    await useSecret(world, consumer, volume)
  } finally {
    await consumer.stop()
  }
}

async function useSecret(world: World, consumer: Consumer, volume: SecretVolume): Promise<void> {
  const object = `${BUCKET} ${PREFIX}hello.txt`
  await expect(consumer, `put ${object} hello`, { ok: 'written' }, `boto3 wrote s3://${BUCKET}/${PREFIX}hello.txt`)
  await expect(consumer, `get ${object}`, { ok: 'hello' }, 'boto3 read it back')
  await expect(
    consumer,
    `put ${BUCKET} team-b/x no`,
    { refused: 'AccessDenied' },
    'boto3 is refused outside the prefix',
  )
  await expect(consumer, `list ${BUCKET} team-b/`, { refused: 'AccessDenied' }, 'and may not list there')

  const before = await consumer.ask('key')
  const { metadata } = await readSecret(world)
  await kubectl(world.controlPlane, ['delete', 'secret', SECRET, '-n', NAMESPACE])
  const repaired = await until('the deleted Secret is back', async () => {
    const secret = await readSecret(world)
    return secret.metadata.uid !== metadata.uid && secret
  })
  proven('the Secret was deleted, and is back with new credentials')
  volume.update(repaired.data)
  const after = await consumer.ask('key')
  if (after.ok === before.ok) throw new Error('the consumer still has its old key')
  await expect(consumer, `get ${object}`, { ok: 'hello' }, 'the running boto3 process reads with the new ones')

  const { status } = await world.client.get<KubeObject & { status: object }>(ARTIFACT_STORES, NAMESPACE, 'models')
  show(`status: ${JSON.stringify(status, undefined, 2)}`)
}

const world = await World.start()
try {
  await run(world)
  console.log(`\n${shown.map(line => `  ok  ${line}`).join('\n')}\n\n${shown.length} passed, 0 failed`)
  if (process.env['KEEP']) {
    console.log(`\nIt stays up until Ctrl-C. In another shell:\n  export KUBECONFIG=${world.controlPlane.kubeconfig}`)
    console.log(`  kubectl get artifactstores -A\n  kubectl describe artifactstore models -n ${NAMESPACE}`)
    const keepAlive = setInterval(() => {}, 60_000)
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    clearInterval(keepAlive)
  }
} finally {
  await world.stop()
}

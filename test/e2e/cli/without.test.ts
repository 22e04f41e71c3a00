/** The command line where something is missing: the operator, its CRDs, the API server, or what a script gives. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inTurns } from '../../../src/async/in-turns.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { CommandLine, collect } from '../../support/command-line.ts'
import { until } from '../../support/until.ts'
import { type Tenant, World } from '../../support/world.ts'
import { documented, ended, NOWHERE } from './parts.ts'

const NAME = 'without'
const MANY = 'many'
const COUNT = 200

/** A line of each command that asks the cluster. */
const LINES = [
  ...['status', 'status models', 'status -A', 'doctor', 'doctor models', 'permissions models', 'policy models'],
  ...['resources', 'resources --reaches s3://x', 'verify models', 'refresh models', 'suspend models', 'resume models'],
  ...['confirm-delete models', 'make-default models', 'env models step', 'login models step', 'ui --no-open'],
]

const parts = new AsyncDisposableStack()
let world: World
let cli: CommandLine
let tenant: Tenant
before(async () => {
  world = await World.start()
  parts.defer(() => world.stop())
  cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
  parts.defer(() => cli.remove())
  tenant = await world.tenant(NAME)
  await tenant.connector('minio')
  await tenant.store('models')
})
after(() => parts.disposeAsync())

const run = (line: string) => cli.run(line.includes('-A') ? line : `${line} -n ${NAME}`)

describe('without the operator', () => {
  for (const [line, done] of [
    ['verify models', 'store without/models: verification asked for'],
    ['verify connector/minio', 'connector without/minio: verification asked for'],
    ['refresh models', 'connector without/minio: new credentials asked for'],
    ['suspend models', 'store without/models: suspended'],
    ['resume models', 'store without/models: resumed'],
    ['make-default models', 'store without/models: the default store of its namespace'],
  ] as const) {
    test(`"${line}" ends when its time is up, says what to look at, and has exit code 1`, async () => {
      const { out, err } = ended(await run(`${line} --timeout 1s`), 1)
      const late = 'no result in time: see whether the operator runs with "kubectl artifactstore doctor --install"'
      assert.ok(out.startsWith(`${done}: ${late}`), out)
      assert.equal(err, '')
    })
  }

  test('a wait that the person ends has exit code 130, says nothing, and leaves the request there', async () => {
    const asked = async () => (await tenant.getStore('models')).metadata.annotations?.['artifactstore.dev/requested-at']
    const before = await asked()
    const child = spawn(join(cli.folder, 'kubectl-artifactstore'), ['verify', 'models', '-n', NAME], {
      env: cli.env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let written = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (written += text))
    await until('it has asked', async () => (await asked()) !== before)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    assert.deepEqual([code, written], [130, ''])
  })

  test('doctor says first that nobody looks, and how to see why', async () => {
    const { out } = ended(await run('doctor'), 1)
    assert.match(out, /^1\. \w+ without\/\w+: NotSeen\n/)
    assert.match(out, /see whether the operator runs: "kubectl artifactstore doctor --install"/)
    assert.match(ended(await run('doctor --install'), 1).out, /OperatorMissing|NoLeader/)
  })

  test('a store that is being deleted is told as such', async () => {
    await tenant.store('ending')
    const place = { namespace: NAME, name: 'ending' }
    const finalizers = [{ op: 'add' as const, path: '/metadata/finalizers', value: ['example.com/kept'] }]
    await world.client.jsonPatch(ARTIFACT_STORES, place, finalizers)
    await world.client.delete(ARTIFACT_STORES, NAME, 'ending')
    assert.match(ended(await run('status store/ending'), 1).out, /ending.*being deleted/)
    assert.match(ended(await run('verify ending'), 2).err, /^ArtifactStore "without\/ending" is being deleted: see/)
    assert.match(ended(await run('make-default ending'), 2).err, /store "without\/ending" is being deleted/)
    await world.client.jsonPatch(ARTIFACT_STORES, place, [{ op: 'remove', path: '/metadata/finalizers' }])
  })
})

describe(`${COUNT} stores`, () => {
  before(async () => {
    const many = await world.tenant(MANY)
    await inTurns([...Array(COUNT).keys()], 16, at => many.store(`store-${at}`))
  })

  test('are all in the tree, and in the data', async () => {
    const { out } = ended(await cli.run(`status -n ${MANY}`), 1)
    assert.equal(
      out.split('\n').filter(line => line.includes('store many/store-') && line.includes('s3://')).length,
      COUNT,
    )
    const report = documented('status', ended(await cli.run(`status -n ${MANY} -o json`), 1))
    assert.equal(report.stores.length, COUNT)
  })

  test('with one cause are one finding', async () => {
    const { out } = ended(await cli.run(`doctor -n ${MANY}`), 1)
    assert.ok(out.split('\n').length < 20, out)
    assert.match(out, new RegExp(`and ${COUNT - 6} more`))
  })
})

describe('what scripts give', () => {
  test('an empty namespace is that of the context, as with kubectl', async () => {
    const path = join(cli.folder, 'kubectl-artifactstore')
    const { out } = ended(await collect(path, ['status', '-n', ''], { env: cli.env() }), 0)
    assert.equal(out, 'There are no connectors and stores in namespace "default".\n')
  })

  for (const [words, err] of [
    [['status', '-x'], /^unknown option '-x': see "kubectl artifactstore help status"\n$/],
    [['status', '--', '-x'], /^"-x" can't be the name of an object: use the name that kubectl shows\n$/],
    [['status', '-n', 'No Such'], /^-n "No Such" can't be the name of a namespace: /],
    [['status', '-n', '../../apis'], /^-n "\.\.\/\.\.\/apis" can't be the name of a namespace: /],
  ] as const) {
    test(`${JSON.stringify(words)} is a fault of the command line`, async () => {
      const ran = await collect(join(cli.folder, 'kubectl-artifactstore'), words, { env: cli.env() })
      assert.match(ended(ran, 2).err, err)
      assert.equal(ran.out, '')
    })
  }
})

describe('without an API server', () => {
  for (const line of [...LINES, 'doctor --install', 'version']) {
    test(`"${line}" has exit code 3, and says what to check`, async () => {
      const kubeconfig = join(cli.folder, 'nowhere.kubeconfig')
      await writeFile(kubeconfig, JSON.stringify(NOWHERE))
      const { out, err } = ended(await cli.run(line, { kubeconfig }), 3)
      assert.equal(out, '')
      assert.match(err, /^no answer from the API server of context "nowhere": .*: check the kubeconfig.*\n$/)
    })
  }
})

describe('without the CRDs', () => {
  before(async () => {
    for (const resource of [ARTIFACT_STORES, SERVICE_CONNECTORS])
      await kubectl(world.controlPlane, ['delete', 'crd', `${resource.plural}.artifactstore.dev`])
  })

  for (const line of LINES) {
    test(`"${line}" has exit code 3, and says what to install`, async () => {
      const { out, err } = ended(await run(line), 3)
      assert.equal(out, '')
      assert.match(err, /^the API server knows no \w+: context "test": install the operator's CRDs, .*\n$/)
    })
  }

  test('doctor --install prints the commands that install them, and version says that there are none', async () => {
    const { out } = ended(await cli.run('doctor --install'), 1)
    assert.equal(out.match(/: CrdMissing\n/g)?.length, 2)
    assert.match((await cli.run('version')).out, /^API served by the cluster: none$/m)
  })
})

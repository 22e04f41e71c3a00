/** The image, laid out without a container engine, runs as in a pod: another user, read-only, with nothing else there. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import { readDockerfile } from '../support/dockerfile.ts'
import { ImageRoot, whyNoRoot } from '../support/image-root.ts'
import { CRDS, Installation } from '../support/installation.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { project } from '../support/project.ts'

const skip = whyNoRoot()
const MIB = 2 ** 20
/** What we may add to the base image. Raise it knowingly: each node pulls these bytes. */
const LIMIT = 5 * MIB

test('.dockerignore lets through what the Dockerfile copies', () => {
  const ignore = readFileSync(project('.dockerignore'), 'utf8').split('\n')
  const sources = readDockerfile().context.flatMap(({ sources }) => sources)
  assert.deepEqual(
    sources.filter(source => !ignore.includes(`!${source}`)),
    [],
  )
})

describe('the image', { skip }, () => {
  let image: ImageRoot
  before(async () => {
    image = await ImageRoot.create()
  })
  after(() => image?.remove())

  /** Runs a command in the image to its end. */
  function run(args: readonly string[]) {
    const [command = '', ...rest] = image.command({}, args)
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8' })
    return { status, stdout, stderr }
  }

  test('has of us only the bundle and its notices, in few bytes', async t => {
    const { folder } = image.dockerfile
    const ours = await image.sizes(folder)
    const others = Object.keys(ours).filter(name => !name.endsWith('.mjs'))
    assert.deepEqual(others, ['THIRD-PARTY-NOTICES.txt'])
    assert.ok(ours['operator.mjs'])
    const sum = (sizes: Record<string, number>) => Object.values(sizes).reduce((total, size) => total + size, 0)
    const [added, all] = [sum(ours), sum(await image.sizes('/'))]
    t.diagnostic(`${folder}: ${(added / MIB).toFixed(1)} MiB; all with Node: ${(all / MIB).toFixed(1)} MiB`)
    assert.ok(added < LIMIT, `${folder} has ${added} bytes`)
  })

  test('is run by its user, without groups, and can write nowhere', () => {
    const program = `
      const { writeFileSync } = require('node:fs')
      const code = path => { try { writeFileSync(path, ''); return 'written' } catch (error) { return error.code } }
      const paths = ['/x', '/tmp/x', '${image.dockerfile.folder}/x', '${image.dockerfile.folder}/operator.mjs']
      console.log(JSON.stringify([process.getuid(), process.getgid(), process.getgroups(), paths.map(code)]))`
    const [node = ''] = image.dockerfile.entrypoint
    const { stdout, stderr } = run([node, '-e', program])
    assert.equal(stderr, '')
    const [uid, gid, groups, codes] = JSON.parse(stdout)
    assert.equal(`${uid}:${gid}`, image.dockerfile.user)
    assert.deepEqual([groups, codes], [[gid], ['EROFS', 'EROFS', 'EROFS', 'EROFS']])
  })

  test('refuses an unknown flag with the list of flags', () => {
    const { status, stderr } = run([...image.dockerfile.entrypoint, '--nonsense'])
    assert.equal(status, 2)
    assert.match(stderr, /--nonsense[\s\S]+--leader-elect/)
  })

  describe('in a cluster', () => {
    let controlPlane: ControlPlane
    let installation: Installation
    before(async () => {
      controlPlane = await startControlPlane({ crds: CRDS })
      installation = await new Installation(controlPlane).install()
    })
    after(async () => {
      await installation?.stop()
      await controlPlane?.stop()
    })

    test('becomes ready with the token of its pod, leads, and stops when asked to', async t => {
      const request = { audiences: [], expirationSeconds: 3600 }
      const { token } = await installation.client.createToken(
        'artifact-store-system',
        'artifact-store-operator',
        request,
      )
      await image.mountToken(token, controlPlane.caPem)
      const { hostname, port } = new URL(controlPlane.server)
      const command = image.command({
        ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
        ...{ POD_NAME: 'operator-1', POD_NAMESPACE: 'artifact-store-system' },
      })
      const operator = await OperatorProcess.start('', [], { main: '', nodeFlags: [], command })
      t.after(() => operator.kill())
      await operator.leads()
      assert.equal(await operator.stop(), 0)
    })
  })
})

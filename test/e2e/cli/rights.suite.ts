/** What a person with few rights, no login or no cluster is told. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { SERVICE_ACCOUNTS } from '../../../src/kube/resource.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { ended, NOWHERE, type Parts } from './parts.ts'

const NAME = 'rights'

export function testRights({ world, cli }: Parts): void {
  describe('a person with few rights', () => {
    let kubeconfig: string
    before(async () => {
      const tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('models')
      await tenant.storeReady('models')
      await tenant.create(SERVICE_ACCOUNTS, 'person', {})
      const { token } = await world().client.createToken(NAME, 'person', { audiences: [], expirationSeconds: 3600 })
      kubeconfig = world().controlPlane.writeKubeconfigForToken('person', token)
    })
    const run = (line: string) => cli().run(`${line} -n ${NAME}`, { kubeconfig })

    test('is told the right that is missing, and the command that gives it works as it is printed', async () => {
      const { err, out } = ended(await run('status'), 3)
      assert.equal(out, '')
      assert.match(
        err,
        /^you may not list \w+\.artifactstore\.dev in namespace "rights": context "test": ask an administrator/,
      )
      const [, command = ''] = /: kubectl (create rolebinding .*)\n$/.exec(err) ?? []
      await kubectl(world().controlPlane, command.split(' '))
      const seen = ended(await run('status'), 0)
      assert.match(seen.out, /store rights\/models/)
      assert.match(
        seen.err,
        /^note: when credentials are refreshed is not shown: you may not list secrets in namespace "rights"/,
      )
      assert.match(seen.out, /secret models-step +in \d+m\S* +\? +for step/)
    })

    test('is told so before anything changes', async () => {
      for (const line of ['verify models', 'make-default models', 'suspend models', 'confirm-delete models']) {
        const { err } = ended(await run(line), 3)
        assert.match(
          err,
          /^you may not patch artifactstores\.artifactstore\.dev in namespace "rights": .*artifact-store-editor/,
        )
      }
      const { metadata, spec } = await world().client.get<never>(
        { apiVersion: 'artifactstore.dev/v1alpha1', kind: 'ArtifactStore', plural: 'artifactstores', namespaced: true },
        NAME,
        'models',
      )
      assert.deepEqual(
        [(metadata as { annotations?: object }).annotations, (spec as { default?: true }).default],
        [undefined, undefined],
      )
    })

    test('sees the version of the operator only where that may be seen', async () => {
      const { err, out } = ended(await run('version'), 0)
      assert.match(out, /^kubectl-artifactstore /)
      assert.match(err, /^note: the operator's version is not known: you may not list deployments\.apps in namespace/)
    })

    test('hears of an installation only what may be seen of it', async () => {
      const { err, out } = ended(await run('doctor --install'), 0)
      assert.equal(out, 'Nothing is wrong with what you may see of the installation.\n')
      assert.match(err, /^note: the leader is not known: you may not get leases\.coordination\.k8s\.io in namespace /m)
    })

    test('who may change but not watch gets the answer, too', async () => {
      const kinds = 'artifactstores.artifactstore.dev,serviceconnectors.artifactstore.dev'
      for (const command of [
        `create role asker -n ${NAME} --verb=get,patch --resource=${kinds}`,
        `create rolebinding asker -n ${NAME} --role=asker --serviceaccount=${NAME}:asker`,
        `create serviceaccount asker -n ${NAME}`,
      ])
        await kubectl(world().controlPlane, command.split(' '))
      const { token } = await world().client.createToken(NAME, 'asker', { audiences: [], expirationSeconds: 3600 })
      const asker = world().controlPlane.writeKubeconfigForToken('asker', token)
      const { out } = ended(await cli().run(`verify models -n ${NAME}`, { kubeconfig: asker }), 0)
      assert.match(out, /^store rights\/models: verification asked for: Ready is True/)
    })

    test('who is not known is told to log in again', async () => {
      const path = world().controlPlane.writeKubeconfigForToken('stranger', 'no-token')
      const { err } = ended(await cli().run('status', { kubeconfig: path }), 3)
      assert.equal(err, 'the API server does not know you: context "test": log in again\n')
    })

    test('a cluster that does not answer is told with its address', async () => {
      const path = join(cli().folder, 'nowhere.kubeconfig')
      await writeFile(path, JSON.stringify(NOWHERE))
      const { err } = ended(await cli().run('status', { kubeconfig: path }), 3)
      assert.match(
        err,
        /^no answer from the API server of context "nowhere": .*127\.0\.0\.1:1\b.*ECONNREFUSED.*: check the kubeconfig/,
      )
    })

    for (const [line, words] of [
      ['status --kubeconfig /nowhere/config', /^kubeconfig: \/nowhere\/config is not there: give one/],
      ['status --kubeconfig /', /^kubeconfig: \/: EISDIR: .*: give one/],
      [
        'status --context absent',
        /^kubeconfig: context "absent" or its cluster does not exist: choose one of test: give one/,
      ],
    ] as const) {
      test(`"${line}" names no cluster`, async () => assert.match(ended(await cli().run(line), 3).err, words))
    }
  })
}

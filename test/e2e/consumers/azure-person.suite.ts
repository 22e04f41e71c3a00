/** Suite: a person who works with a store at Azure, by the command line. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pythonWithClients } from '../../cluster/tools.ts'
import { CommandLine, collect } from '../../support/command-line.ts'
import type { SharedAzureWorld } from '../operator/shared-azure-world.ts'
import { rootsOf, scriptPath } from './programs.ts'

const CONTAINER = 'person'
const STORE = `az://${CONTAINER}/team`

export function person(world: () => SharedAzureWorld): void {
  describe('a person with the command line', () => {
    let cli: CommandLine
    let python: string
    before(async () => {
      python = await pythonWithClients()
      cli = await CommandLine.bundle(world().controlPlane.kubeconfig)
      const tenant = await world().tenant(CONTAINER)
      await tenant.connector('azure')
      await tenant.store('models', { path: STORE, credentials: [{ name: 'step', formats: ['Env'] }] })
      await tenant.storeReady('models')
    })
    after(() => cli?.remove())

    test('has the variables that azure-storage-blob and adlfs read, by env', async () => {
      const roots = join(cli.folder, 'ca.crt')
      const given = `eval "$(kubectl-artifactstore env models step -n ${CONTAINER} --ca-file ${roots})"; exec "$@"`
      for (const [script, arg] of [
        ['azure_blob_client.py', 'env'],
        ['adlfs_client.py', STORE],
      ] as const) {
        const env = { ...cli.env(), ...rootsOf(cli.folder) }
        const ran = await collect('sh', ['-c', given, 'sh', python, scriptPath(script), arg], { env })
        assert.equal(ran.code, 0, ran.err)
        assert.partialDeepStrictEqual(JSON.parse(ran.out), { loaded: 'weights', left: false })
        assert.match(ran.err, /^note: these credentials end at \S+, and nothing replaces them here$/m)
      }
      assert.match(await readFile(roots, 'utf8'), /^-----BEGIN CERTIFICATE-----/)
    })

    test('is told that login is of AWS only, and what there is instead', async () => {
      const { code, err } = await cli.run(`login models step -n ${CONTAINER}`)
      assert.equal(code, 2)
      assert.match(
        err,
        /is on Azure \(az:\/\/person\/team\), and credential processes are of AWS's tools only: use "kubectl artifactstore env/,
      )
    })
  })
}

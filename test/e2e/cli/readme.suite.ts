/** What README shows of `doctor`, on the failure that it shows. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, describe, test } from 'node:test'
import { startShell } from '../../support/printed-command.ts'
import { project } from '../../support/project.ts'
import type { Tenant } from '../../support/world.ts'
import { ended, type Parts } from './parts.ts'

const NAME = 'vision'

export function testReadme({ world, cli }: Parts): void {
  describe('README', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      const key = { accessKeyId: 'vision-artifacts', secretAccessKey: 'a-secret-of-MinIO-0123456789' }
      await world().minio.admin.createUser(key.accessKeyId, key.secretAccessKey, 'readwrite')
      // As people make it, without the label.
      const data = { aws_access_key_id: key.accessKeyId, aws_secret_access_key: key.secretAccessKey }
      await tenant.secret('minio-key', data, false)
      await tenant.keyConnector('minio', 'minio-key')
      await tenant.store('datasets')
      await tenant.store('models')
      await tenant.connectorCondition('minio', 'Ready', 'False', 'SecretNotLabelled')
      for (const name of ['datasets', 'models']) await tenant.storeCondition(name, 'ConnectorReady', 'False')
    })

    test('shows what doctor prints, and its command is a cure', async () => {
      const [, shown] =
        /<!-- doctor: [^>]*-->\n```console\n([\s\S]*?)```/.exec(await readFile(project('README.md'), 'utf8')) ?? []
      const line = `doctor -n ${NAME}`
      const { out } = ended(await cli().run(line), 1)
      assert.equal(shown, `$ kubectl artifactstore ${line}\n${out.trimEnd()}\n`)
      const [, command = ''] = /^ {5}(kubectl .*)$/m.exec(out) ?? []
      const shell = await startShell(cli(), world().controlPlane)
      ended(await shell(command), 0)
      for (const name of ['datasets', 'models']) await tenant.storeReady(name)
      assert.equal(
        ended(await cli().run(line), 0).out,
        'Nothing is wrong with 1 connector and 2 stores in namespace "vision".\n',
      )
    })
  })
}

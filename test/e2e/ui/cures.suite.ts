/** Cures from the page: what was shown is run, and nothing else. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { CureOutcome, CurePreview, Trouble } from '../../../src/ui/contract.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { until } from '../../support/until.ts'
import { NAME, type Stage } from './parts.ts'

/** Of a user of the object store. */
const KEY = { aws_access_key_id: 'ui-keyed', aws_secret_access_key: 'kept-from-every-page' }

export function testCures(stage: () => Stage): void {
  describe('cures of a connector whose Secret lacks its label', () => {
    const findCure = async () => {
      const { findings } = await stage().editor.call<Trouble>('/api/trouble')
      return findings.find(({ name, reason }) => name === 'keyed' && reason === 'SecretNotLabelled')
    }
    before(async () => {
      const { world, tenant } = stage()
      await world.minio.admin.createUser(KEY.aws_access_key_id, KEY.aws_secret_access_key, 'readwrite')
      await tenant.secret('keyed', KEY, false)
      // As kubectl apply writes it.
      const applied = `kubectl.kubernetes.io/last-applied-configuration=${JSON.stringify({ stringData: KEY })}`
      await kubectl(world.controlPlane, ['annotate', 'secret', 'keyed', '-n', NAME, applied])
      await tenant.keyConnector('keyed', 'keyed')
      await tenant.connectorCondition('keyed', 'Ready', 'False', 'SecretNotLabelled')
      await until(
        'the page knows it',
        () => stage().mirror.connectors.get(`${NAME}/keyed`)?.health.reason === 'SecretNotLabelled',
      )
    })

    test('sees what is wrong, with the command that doctor prints', async () => {
      const found = await findCure()
      const [cure] = found?.cures ?? []
      const { out } = await stage().cli.run(`doctor connector/keyed -n ${NAME}`)
      assert.ok(out.includes(`     ${cure?.commands[0]}\n`), out)
      assert.match(cure?.run?.id ?? '', /^[\w-]{16}$/)
    })

    test('runs a cure only as it was shown', async () => {
      const [cure] = (await findCure())?.cures ?? []
      const path = `/api/cures/${cure?.run?.id}`
      assert.equal((await stage().editor.call(path, { digest: 'another' })).code, 'Changed')
      const preview = await stage().editor.call<CurePreview>(`${path}/preview`, {})
      assert.deepEqual(preview.commands, cure?.commands)
      assert.deepEqual(
        preview.objects.map(({ what }) => what),
        [`Secret ${NAME}/keyed`],
      )
      assert.ok(
        preview.objects[0]?.lines.some(({ sign, text }) => sign === '+' && text.includes('credentials: "true"')),
      )
      // Somebody changes the object that was shown.
      const labels = { 'team.example/owner': 'somebody' }
      await kubectl(stage().world.controlPlane, ['label', 'secret', 'keyed', '-n', NAME, 'team.example/owner=somebody'])
      assert.equal((await stage().editor.call(path, { digest: preview.digest })).code, 'Changed')
      const secret = await stage().tenant.getSecret('keyed')
      assert.deepEqual(secret?.metadata.labels, labels)

      const again = await stage().editor.call<CurePreview>(`${path}/preview`, {})
      const outcome = await stage().editor.call<CureOutcome>(path, { digest: again.digest })
      assert.deepEqual([outcome.result, outcome.status], ['Done', undefined], outcome.detail)
      assert.equal(
        (await stage().tenant.getSecret('keyed'))?.metadata.labels?.['artifactstore.dev/credentials'],
        'true',
      )
      assert.equal((await stage().editor.call(path, { digest: again.digest })).code, 'Changed')
      await stage().world.client.delete(SERVICE_CONNECTORS, NAME, 'keyed')
    })
  })
}

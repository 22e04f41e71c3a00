/** Cures from the page: what was shown is run, and nothing else. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { CureOutcome, CurePreview, Trouble } from '../../../src/ui/contract.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { until } from '../../support/until.ts'
import { NAME, type Stage } from './parts.ts'

export function testCures(stage: () => Stage): void {
  const find = async (connector: string, wanted: string) => {
    const { findings } = await stage().editor.call<Trouble>('/api/trouble')
    return findings.find(({ name, reason }) => name === connector && reason === wanted)
  }

  describe('cures of a connector that issues credentials in a way that MinIO has not', () => {
    const findCure = () => find('keyed', 'IssueNotSupported')
    const specOf = async () => (await stage().tenant.getConnector('keyed')).spec
    before(async () => {
      const { tenant } = stage()
      await tenant.user('keyed', 'readwrite')
      await tenant.connector('keyed', { auth: { accessKey: { secretName: 'keyed' } }, issue: 'SessionToken' })
      await tenant.connectorCondition('keyed', 'Ready', 'False', 'IssueNotSupported')
      await until(
        'the page knows it',
        () => stage().mirror.connectors.get(`${NAME}/keyed`)?.health.reason === 'IssueNotSupported',
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
        [`ServiceConnector ${NAME}/keyed`],
      )
      assert.ok(
        preview.objects[0]?.lines.some(({ sign, text }) => sign === '-' && text.includes('issue: SessionToken')),
      )
      // Somebody changes the object that was shown.
      const patch = JSON.stringify({ spec: { aws: { issue: 'FederationToken' } } })
      await kubectl(
        stage().world.controlPlane,
        `patch serviceconnector keyed -n ${NAME} --type=merge -p ${patch}`.split(' '),
      )
      assert.equal((await stage().editor.call(path, { digest: preview.digest })).code, 'Changed')
      assert.equal((await specOf()).aws?.issue, 'FederationToken')

      const again = await until('it is found again', async () => {
        const shown = await stage().editor.call<CurePreview>(`${path}/preview`, {})
        return shown.code === undefined && shown.digest !== preview.digest && shown
      })
      const outcome = await stage().editor.call<CureOutcome>(path, { digest: again.digest })
      assert.deepEqual([outcome.result, outcome.status], ['Done', undefined], outcome.detail)
      assert.equal((await specOf()).aws?.issue, undefined)
      assert.equal((await stage().editor.call(path, { digest: again.digest })).code, 'Changed')
      await stage().world.client.delete(SERVICE_CONNECTORS, NAME, 'keyed')
    })
  })

  test('a cure that lets connectors use a Secret is a command for its owner, and the page does not run it', async () => {
    const { tenant } = stage()
    await tenant.secret('unlabelled', { aws_access_key_id: 'a', aws_secret_access_key: 'kept-from-every-page' }, false)
    await tenant.keyConnector('unlabelled', 'unlabelled')
    const found = await until('the page knows it', () => find('unlabelled', 'SecretNotLabelled'))
    assert.match(found.cures[0]?.commands[0] ?? '', /^kubectl .*label secret unlabelled /)
    assert.deepEqual(
      found.cures.map(({ run }) => run),
      [undefined],
    )
    await stage().world.client.delete(SERVICE_CONNECTORS, NAME, 'unlabelled')
  })
}

/** Cures from the page: what was shown is run, and nothing else. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { CureOutcome, CurePreview, Finding, Trouble } from '../../../src/ui/contract.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { reportIn } from '../../support/command-line.ts'
import { until } from '../../support/until.ts'
import { NAME, OTHER, type Stage } from './parts.ts'

export function testCures(stage: () => Stage): void {
  const find = async (connector: string, wanted: string) => {
    const { findings } = await stage().editor.call<Trouble>('/api/trouble')
    return findings.find(({ name, reason }) => name === connector && reason === wanted)
  }

  describe('findings', () => {
    before(async () => {
      const { tenant, mirror } = stage()
      await tenant.user('reader', 'readonly')
      await tenant.keyConnector('reader', 'reader')
      await tenant.store('unwritable', { connectorRef: { name: 'reader' } })
      await tenant.store('elsewhere', { connectorRef: { name: 'minio', namespace: OTHER } })
      await tenant.storeCondition('unwritable', 'AccessVerified', 'False', 'PermissionDenied')
      await tenant.storeCondition('elsewhere', 'Ready', 'False')
      await until(
        'the page knows it',
        () => mirror.stores.get(`${NAME}/unwritable`)?.health.reason === 'PermissionDenied',
      )
    })
    after(async () => {
      const { client } = stage().world
      for (const name of ['unwritable', 'elsewhere']) await client.delete(ARTIFACT_STORES, NAME, name)
      await client.delete(SERVICE_CONNECTORS, NAME, 'reader')
      await until('the page knows that they are gone', () => !stage().mirror.connectors.has(`${NAME}/reader`))
    })

    test('are those of doctor, with its cures at the cloud, which the page does not run', async () => {
      const { cli, kubeconfig, editor } = stage()
      const doctor = async () => {
        const { findings } = reportIn(await cli.run(`doctor -n ${NAME} -o json`, { kubeconfig })) as {
          findings: (Omit<Finding, 'id' | 'cures'> & { cures: (Finding['cures'][number] & { isFixable: boolean })[] })[]
        }
        return findings
      }
      const shown = async () => editor.call<Trouble>('/api/trouble')
      const plain = (findings: readonly { cures: readonly object[] }[]) =>
        findings.map(({ cures, ...finding }) => ({
          ...{ ...finding, id: undefined },
          cures: cures.map(cure => ({ ...cure, run: undefined, isFixable: undefined })),
        }))
      // Status may be written between the two.
      const [printed, page] = await until('both say the same', async () => {
        const both = [await doctor(), await shown()] as const
        return both[1].notes.length > 0 && isDeepStrictEqual(plain(both[0]), plain(both[1].findings)) && both
      })
      const cures = page.findings.find(({ name }) => name === 'unwritable')?.cures ?? []
      const atCloud = cures.filter(({ commands }) => commands.some(command => /\bmc admin policy\b/.test(command)))
      assert.ok(atCloud.length > 0, JSON.stringify(cures))
      for (const { place, run } of atCloud) assert.deepEqual([place, run], ['outside', undefined])
      assert.deepEqual(
        page.findings.map(({ cures }) => cures.map(({ run }) => run !== undefined)),
        printed.map(({ isCaution, cures }) => cures.map(({ isFixable }, at) => isFixable && at === 0 && !isCaution)),
      )
      // What this person may not read is told by both.
      const { err } = await cli.run(`doctor -n ${NAME}`, { kubeconfig })
      for (const note of page.notes) assert.ok(err.replaceAll(/\s+/g, ' ').includes(note.replaceAll(/\s+/g, ' ')), err)
    })
  })

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

/** What the page changes: it shows the command, asks, and has it run. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { until } from '../../support/until.ts'
import type { Tenant } from '../../support/world.ts'
import type { Parts } from './parts.ts'

const NAME = 'acts'

export function testActs({ world, cli, open }: Parts): void {
  describe('what the page changes', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('models')
      await tenant.storeReady('models')
      await tenant.user('keys', 'readwrite')
      // A way that MinIO has not.
      await tenant.connector('sessions', { auth: { accessKey: { secretName: 'keys' } }, issue: 'SessionToken' })
      await tenant.store('waits', { connectorRef: { name: 'sessions' } })
      await tenant.connectorCondition('sessions', 'Ready', 'False')
      await tenant.storeCondition('waits', 'Ready', 'False')
    })

    for (const [action, title] of [
      ['verify', 'Verify now'],
      ['refresh', 'Refresh'],
    ] as const) {
      test(`"${title}" shows the command, and does nothing until one says so`, async () => {
        await using opened = await open(`/store/${NAME}/models`)
        const { page } = opened
        const handled = async () => (await tenant.getStore('models')).status?.lastHandledRequest
        const issued = (await tenant.credentials('models-step')).accessKeyId
        const before = await handled()
        await page.getByRole('button', { name: title }).click()
        const dialog = page.getByRole('dialog', { name: `${title}: store ${NAME}/models` })
        await dialog.getByText(new RegExp(`kubectl artifactstore ${action} `)).waitFor()
        await page.keyboard.press('Escape')
        await dialog.waitFor({ state: 'hidden' })
        assert.equal(await handled(), before)
        await page.getByRole('button', { name: title }).click()
        await dialog.getByRole('button', { name: 'Run it' }).press('Enter')
        await dialog.getByRole('status').getByText(/Ready/).waitFor()
        assert.equal(await page.evaluate('document.activeElement.className'), 'outcome')
        const isNew = (await tenant.credentials('models-step')).accessKeyId !== issued
        assert.equal(isNew, action === 'refresh')
        if (action === 'verify') assert.notEqual(await handled(), before)
        assert.deepEqual(opened.faults(), [])
      })
    }

    test('"Verify now" of a connector shows the command, and does nothing until one says so', async () => {
      await using opened = await open(`/connector/${NAME}/minio`)
      const { page } = opened
      const handled = async () => (await tenant.getConnector('minio')).status?.lastHandledRequest
      const before = await handled()
      await page.getByRole('button', { name: 'Verify now' }).click()
      const dialog = page.getByRole('dialog', { name: `Verify now: connector ${NAME}/minio` })
      await dialog.getByText(`kubectl artifactstore verify connector/minio -n ${NAME}`).waitFor()
      await dialog.getByText(/replaces the credentials in all Secrets of all stores/).waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
      assert.equal(await handled(), before)
      await page.getByRole('button', { name: 'Verify now' }).click()
      await dialog.getByRole('button', { name: 'Run it' }).click()
      await dialog.getByText(/it is Ready/).waitFor()
      assert.notEqual(await handled(), before)
      assert.deepEqual(opened.faults(), [])
    })

    test('a cure at the cloud is there to copy, as doctor prints it, and the page does not run it', async () => {
      await tenant.user('reader', 'readonly')
      await tenant.keyConnector('reader', 'reader')
      await tenant.store('unwritable', { connectorRef: { name: 'reader' } })
      await tenant.storeCondition('unwritable', 'AccessVerified', 'False')
      await using opened = await open('/trouble')
      const { page } = opened
      const finding = page
        .getByRole('listitem')
        .filter({ hasText: `store ${NAME}/unwritable` })
        .first()
      await finding.getByText('Cure outside of the cluster').waitFor()
      const command = (await finding.getByRole('group', { name: 'command' }).first().textContent()) ?? ''
      assert.match(command, /\bmc admin policy\b/)
      const { out } = await cli().run(`doctor store/unwritable -n ${NAME}`)
      assert.ok(out.includes(command), out)
      assert.equal(await finding.getByRole('button', { name: 'Run …' }).count(), 0)
      const order = 'getComputedStyle(document.querySelector(".block .command pre")).unicodeBidi'
      assert.equal(await page.evaluate(order), 'bidi-override')
      // However long the command is, its button is there to be clicked.
      const sideways = 'document.querySelector("main").scrollWidth - document.querySelector("main").clientWidth'
      assert.equal(await page.evaluate(sideways), 0)
      await finding.getByRole('button', { name: 'Copy command' }).first().click()
      await until('it is copied', async () => (await page.evaluate('navigator.clipboard.readText()')) === command)
      assert.deepEqual(opened.faults(), [])
    })

    test('a cure shows what it would change, is run when one says so, and then the finding is gone', async () => {
      await using opened = await open('/trouble')
      const { page } = opened
      const finding = page
        .getByRole('listitem')
        .filter({ hasText: `connector ${NAME}/sessions` })
        .first()
      await finding.getByText('IssueNotSupported').first().waitFor()
      await finding.getByText('1 more object is not well because of this').waitFor()
      await finding.getByRole('link', { name: `store ${NAME}/waits` }).waitFor()
      const command = await finding.getByRole('group', { name: 'command' }).first().textContent()
      assert.ok(command)
      assert.match(command, /^kubectl .*patch serviceconnector sessions -n acts --type=merge/)
      await finding.getByRole('button', { name: 'Copy command' }).first().click()
      await until('it is copied', async () => (await page.evaluate('navigator.clipboard.readText()')) === command)
      await finding.getByRole('button', { name: 'Run …' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText(`ServiceConnector ${NAME}/sessions`).waitFor()
      await dialog.getByText('issue: SessionToken').waitFor()
      await dialog.getByRole('button', { name: 'Run it' }).click()
      await dialog.getByText(/^Done/).waitFor()
      await dialog.locator('footer').getByRole('button', { name: 'Close' }).press('Enter')
      await finding.waitFor({ state: 'detached' })
      // The button that was pressed went with it.
      const isAtNext = () => page.evaluate<boolean>('document.activeElement.matches("main .finding a, main h1")')
      await until('the focus is at the next finding, or at the title', isAtNext)
      await tenant.connectorReady('sessions')
      assert.deepEqual(opened.faults(), [])
    })

    test('findings come root causes first, each with its cure', async () => {
      await tenant.store('gone', { path: 's3://acts-absent' })
      await tenant.storeCondition('gone', 'BucketReachable', 'False')
      await using opened = await open('/trouble')
      const finding = opened.page
        .getByRole('listitem')
        .filter({ hasText: `store ${NAME}/gone` })
        .first()
      await finding.getByText('BucketNotFound').first().waitFor()
      await finding.getByText(/^Cure/).first().waitFor()
      await finding.getByRole('link', { name: `store ${NAME}/gone` }).click()
      await opened.page.getByRole('heading', { level: 1, name: `${NAME}/gone` }).waitFor()
    })
  })
}

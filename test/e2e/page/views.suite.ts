/** What each view shows, and how one goes through it. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { until } from '../../support/until.ts'
import type { Tenant } from '../../support/world.ts'
import { DISPLAY_NAME, furnished, type Parts } from './parts.ts'

const NAME = 'views'

export function testViews({ world, open }: Parts): void {
  describe('the views', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await furnished(world(), NAME)
    })

    /** Pixels of the page that one must scroll sideways to see. */
    const beyond = (page: Page) =>
      page.evaluate(
        'Math.max(...[document.documentElement, document.querySelector("main")].map(one => one.scrollWidth - one.clientWidth))',
      )
    const focused = (page: Page) => page.getByRole('treeitem', { selected: true }).locator('.unseen').textContent()

    test('the token leaves the URL, and stays for the tab', async () => {
      await using opened = await open('/map')
      const { page } = opened
      await page.getByRole('tree').waitFor()
      assert.equal(new URL(page.url()).hash, '#/map')
      await page.reload()
      await page.getByRole('tree').waitFor()
      assert.deepEqual(opened.faults(), [])
    })

    test('a wrong token is refused with what to do', async () => {
      await using opened = await open('/map')
      const { page } = opened
      await page.evaluate("sessionStorage.setItem('artifactstore-token', 'wrong')")
      await page.reload()
      await page.getByRole('alert').waitFor()
      assert.match((await page.getByRole('alert').textContent()) ?? '', /kubectl artifactstore ui/)
    })

    test('the map shows connectors, stores, who gets Secrets, and those', async () => {
      await using opened = await open('/map')
      const { page } = opened
      for (const name of [
        `^connector ${NAME}/minio, Ready`,
        `^store ${NAME}/models, Ready.*, s3://${NAME}/models$`,
        // Whether a person must act is not known at once, as a bucket may be about to be made.
        `^store ${NAME}/gone, (Stalled|Not ready).*, BucketNotFound`,
        `^namespace ${NAME}, 2 Secrets`,
        '^Secret models-step for step, ends in ',
      ].map(pattern => new RegExp(pattern)))
        await page.getByRole('treeitem', { name }).first().waitFor()
      assert.deepEqual(opened.faults(), [])
    })

    test('the map is narrowed by words and by state, and says how far', async () => {
      await using opened = await open('/map')
      const { page } = opened
      await page.getByRole('treeitem').first().waitFor()
      await page.keyboard.press('Control+k')
      await page.keyboard.type(`${NAME}/gone`)
      await page.getByText(/^1 of \d+ stores?$/).waitFor()
      await page.getByRole('treeitem', { name: `store ${NAME}/gone` }).waitFor()
      assert.equal(await page.getByRole('treeitem', { name: `store ${NAME}/models` }).count(), 0)
      await page.keyboard.press('Escape')
      await page.getByRole('combobox', { name: 'Namespace' }).selectOption(NAME)
      await page.getByText(/^2 of \d+ stores?$/).waitFor()
      await page.getByRole('button', { name: /^(Stalled|Working) 1$/ }).click()
      await page.getByText(/^1 of \d+ stores?$/).waitFor()
      await page.getByRole('treeitem', { name: `store ${NAME}/gone` }).waitFor()
      await page.getByRole('searchbox').fill('nothing has this name')
      await page.getByRole('button', { name: 'Show everything' }).click()
      await page.getByRole('treeitem', { name: `store ${NAME}/models` }).waitFor()
    })

    test('keys alone lead through the map to a store, and back', async () => {
      await using opened = await open('/map')
      const { page } = opened
      await page.getByRole('combobox', { name: 'Namespace' }).selectOption(NAME)
      await page.getByRole('treeitem', { name: `connector ${NAME}/minio` }).waitFor()
      await page.getByRole('tree').focus()
      await page.keyboard.press('ArrowDown')
      assert.match((await focused(page)) ?? '', new RegExp(`^store ${NAME}/gone`))
      await page.keyboard.press('m')
      assert.match((await focused(page)) ?? '', new RegExp(`^store ${NAME}/models`))
      await page.keyboard.press('ArrowRight')
      assert.match((await focused(page)) ?? '', /^namespace/)
      await page.keyboard.press('ArrowLeft')
      await page.getByRole('treeitem', { name: /^namespace/, expanded: false }).waitFor()
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: `${NAME}/models` }).waitFor()
      assert.equal(await page.evaluate('document.activeElement.id'), 'main')
      await page.goBack()
      await page.getByRole('tree').focus()
      await page.keyboard.press('Home')
      await page.keyboard.press('Space')
      await page.getByRole('treeitem', { name: `connector ${NAME}/minio`, expanded: false }).waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: `${NAME}/minio` }).waitFor()
      assert.equal(await page.evaluate('document.activeElement.id'), 'main')
      await page.goBack()
      await page.getByRole('tree').waitFor()
      assert.equal(await page.getByRole('combobox', { name: 'Namespace' }).inputValue(), NAME)
    })

    test('the page of a store shows its steps, rights, Secrets, usage, events and YAML', async () => {
      await using opened = await open(`/store/${NAME}/models`)
      const { page } = opened
      const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
      await steps.first().waitFor()
      const titles = await steps.getByRole('heading').allTextContents()
      assert.deepEqual(
        titles.map(title => title.split(',')[0]),
        ['Connector: done', 'Bucket: done', 'Access: done', 'Credentials: done'],
      )
      assert.equal(await page.locator('.display-name').textContent(), DISPLAY_NAME)
      await page
        .getByRole('region', { name: 'What it may do' })
        .getByRole('row', { name: /s3:GetObject Allowed/ })
        .waitFor()
      const secrets = page.getByRole('region', { name: 'Secrets', exact: true })
      await secrets
        .getByRole('row', { name: /models-step step AwsProfile ends in .*, is replaced in .* Valid/ })
        .waitFor()
      await secrets.getByRole('row', { name: /models-pod pod Env/ }).waitFor()
      await page.getByRole('region', { name: 'Usage', exact: true }).getByText('0 objects').waitFor()
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByRole('region', { name: 'YAML' }).getByText('kind: ArtifactStore').waitFor()
      const { accessKeyId, secretAccessKey, sessionToken } = await tenant.credentials('models-step')
      const shown = await page.content()
      for (const value of [accessKeyId, secretAccessKey, sessionToken]) assert.ok(!shown.includes(value))
      assert.deepEqual(opened.faults(), [])
    })

    test('a click on a connector in the map leads to its page, and from there to its stores and back', async () => {
      await using opened = await open('/map')
      const { page } = opened
      await page.getByRole('treeitem', { name: `connector ${NAME}/minio` }).click()
      await page.getByRole('heading', { level: 1, name: `${NAME}/minio` }).waitFor()
      const stores = page.getByRole('list', { name: 'Stores' }).getByRole('listitem')
      await stores.first().waitFor()
      // The one that needs somebody comes first.
      assert.deepEqual(
        (await stores.getByRole('link').allTextContents()).map(text => text.trim()),
        [`${NAME}/gone`, `${NAME}/models`],
      )
      await stores.getByRole('link', { name: `${NAME}/models` }).click()
      await page.getByRole('heading', { level: 1, name: `${NAME}/models` }).waitFor()
      await page.getByRole('list', { name: 'Steps' }).getByRole('link', { name: 'Connector' }).click()
      await page.getByRole('heading', { level: 1, name: `${NAME}/minio` }).waitFor()
      assert.deepEqual(opened.faults(), [])
    })

    test('the page of a connector shows its steps, its identity as status says it, its end and YAML', async () => {
      await using opened = await open(`/connector/${NAME}/minio`)
      const { page } = opened
      const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem')
      await steps.first().waitFor()
      assert.deepEqual(
        (await steps.getByRole('heading').allTextContents()).map(title => title.split(':')[0]?.trim()),
        ['Authentication', 'Least privilege'],
      )
      // MinIO names no caller: the ARN is that of the role.
      const { principal = '', expiresAt } = (await tenant.getConnector('minio')).status ?? {}
      assert.ok(principal !== '' && expiresAt)
      const panel = page.getByRole('region', { name: 'Identity' })
      await panel.getByRole('row', { name: `Acts as ${principal}` }).waitFor()
      await panel.getByRole('row', { name: /^Its own credentials end in .+, at .+ UTC$/ }).waitFor()
      await panel.getByRole('row', { name: 'Credentials for pods live 1h' }).waitFor()
      await page
        .getByRole('region', { name: 'Conditions', exact: true })
        .getByRole('row', { name: /^Ready True/ })
        .waitFor()
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByRole('region', { name: 'YAML' }).getByText('kind: ServiceConnector').waitFor()
      assert.deepEqual(opened.faults(), [])
    })

    test('the page of a connector that fails says why, with its events', async () => {
      await tenant.keyConnector('keyless', 'absent')
      await tenant.connectorCondition('keyless', 'Ready', 'False')
      await using opened = await open(`/connector/${NAME}/keyless`)
      const { page } = opened
      const step = page.getByRole('list', { name: 'Steps' }).getByRole('listitem').first()
      await step.getByRole('heading', { name: /^Authentication ?: failed/ }).waitFor()
      await step.getByText('SecretNotFound').waitFor()
      await page.getByRole('region', { name: 'Events', exact: true }).getByText('SecretNotFound').first().waitFor()
      await page.getByText('No store uses it.').waitFor()
    })

    test("a consumer's snippet of each format is there to copy", async () => {
      await using opened = await open(`/store/${NAME}/models`)
      const { page } = opened
      const panel = page.getByRole('region', { name: 'Use it' })
      const options = panel.getByLabel('Secret and format').locator('option')
      await options.first().waitFor({ state: 'attached' })
      const formats = await options.allTextContents()
      assert.deepEqual(formats, [`${NAME}/models-step as AwsProfile`, `${NAME}/models-pod as Env`])
      for (const label of formats) {
        await panel.getByLabel('Secret and format').selectOption({ label })
        await panel.getByRole('button', { name: 'Copy snippet' }).click()
        const text = await panel.getByRole('group', { name: 'snippet' }).locator('code').textContent()
        assert.match(text ?? '', /models-(step|pod)/)
        await until('it is copied', async () => (await page.evaluate('navigator.clipboard.readText()')) === text)
      }
    })

    test('the page of a store that fails says at which step, and why', async () => {
      await using opened = await open(`/store/${NAME}/gone`)
      const { page } = opened
      const bucket = page.getByRole('list', { name: 'Steps' }).getByRole('listitem').nth(1)
      await bucket.getByRole('heading', { name: /^Bucket ?: failed/ }).waitFor()
      await bucket.getByText('BucketNotFound').waitFor()
      await page.getByRole('heading', { name: /^Access ?: not reached yet/ }).waitFor()
    })

    test('a life moves while one looks at it', async () => {
      await using opened = await open(`/store/${NAME}/models`)
      const width = () => opened.page.locator('.secrets .life-spent').first().getAttribute('width')
      const before = await width()
      await until('another width', async () => (await width()) !== before)
    })

    test('the timeline has all Secrets, and says that there is no gap', async () => {
      await using opened = await open('/timeline')
      const { page } = opened
      await page.getByText('No gap: all credentials are valid').waitFor()
      await page
        .getByRole('listitem')
        .filter({ hasText: `${NAME}/models-step` })
        .getByText(/^ends in/)
        .waitFor()
      await page.getByText('The chart as a table').click()
      assert.ok((await page.locator('.as-table tbody tr').count()) >= 1)
      await page.getByRole('button', { name: '7 days' }).click()
      await page.getByRole('button', { name: '7 days', pressed: true }).waitFor()
      assert.deepEqual(opened.faults(), [])
    })

    test('the scheme is chosen, and remembered', async () => {
      await using opened = await open('/map')
      const { page } = opened
      const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      const light = await background()
      await page.getByRole('button', { name: 'Colours: as the system' }).click()
      await page.getByRole('button', { name: 'Colours: light' }).click()
      await page.getByRole('button', { name: 'Colours: dark' }).waitFor()
      assert.notEqual(await background(), light)
      await page.reload()
      await page.getByRole('button', { name: 'Colours: dark' }).waitFor()
      assert.notEqual(await background(), light)
    })

    test('a narrow screen shows the same without scrolling sideways', async () => {
      await using opened = await open('/map', { width: 360, height: 740 })
      const { page } = opened
      for (const path of ['map', `store/${NAME}/models`, `connector/${NAME}/minio`, 'timeline', 'trouble']) {
        await page.goto(new URL(`#/${path}`, page.url()).href)
        await page.locator(`.view-${path.split('/')[0]}`).waitFor()
        assert.equal(await beyond(page), 0, path)
      }
    })
  })
}

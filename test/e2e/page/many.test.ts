/** The page with thousands of stores of a real API server. Its figures are printed, and not judged: machines differ. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import { whyNoChromium } from '../../cluster/chromium.ts'
import { barriersIn } from '../../support/axe.ts'
import { Browser, type OpenPage } from '../../support/browser.ts'
import { manyObjects } from '../../support/many-objects.ts'
import { PageWorld } from '../../support/page-world.ts'

const STORES = 5000
const CONNECTORS = 40

const skip = (await whyNoChromium()) ?? false

describe(`the page with ${STORES} stores`, { skip }, () => {
  const objects = manyObjects(STORES, CONNECTORS, Date.now())
  let world: PageWorld
  let browser: Browser
  let opened: OpenPage
  let page: Page
  before(async () => {
    world = await PageWorld.start()
    const began = performance.now()
    const writes = await world.put(objects)
    print(`${writes} writes, which made them,`, performance.now() - began)
    const asked = performance.now()
    const server = await world.serve()
    print('the command was ready to be opened', performance.now() - asked)
    browser = await Browser.start()
    const started = performance.now()
    opened = await browser.open(server.url.href)
    page = opened.page
    await page.getByText('5,000 stores').waitFor()
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
    print('first paint', paint ?? 0)
    print(`all ${STORES} stores counted`, performance.now() - started)
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  })

  test('shows connectors with their tallies, and draws no more than one sees', async () => {
    await page
      .getByRole('treeitem', {
        name: /^connector platform\/team-7, Ready, stores: \d+ stalled, \d+ working, \d+ ready$/,
      })
      .waitFor()
    const nodes = await page.getByRole('treeitem').count()
    assert.ok(nodes >= 10 && nodes <= CONNECTORS, `${nodes} nodes`)
  })

  test('is narrowed while one types', async () => {
    const search = page.getByRole('searchbox', { name: 'Search' })
    await timed('a search', page, () => search.fill('models-4321'), '1 of 5,000 stores')
    await page.getByRole('treeitem', { name: /^store team-71\/models-4321, / }).waitFor()
    await timed('no search', page, () => search.fill(''), '5,000 stores')
  })

  test('is narrowed by namespace, cloud, reason and state', async () => {
    const choose = (title: string, value: string) => page.getByRole('combobox', { name: title }).selectOption(value)
    await timed('a namespace', page, () => choose('Namespace', 'team-7'), '20 of 5,000 stores')
    await choose('Namespace', '')
    await timed('a cloud', page, () => choose('Cloud', 'azure'), '1,625 of 5,000 stores')
    await choose('Cloud', '')
    await timed('a reason', page, () => choose('Reason', 'BucketNotFound'), '34 of 5,000 stores')
    await choose('Reason', '')
    await timed('a state', page, () => page.getByRole('button', { name: /^Stalled/ }).click(), '67 of 5,000 stores')
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByText('5,000 stores', { exact: true }).waitFor()
  })

  test('goes through an open connector by keys, to its last store', async () => {
    await page.getByRole('tree').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.getByRole('treeitem', { name: /^connector platform\/team-0,/, expanded: true }).waitFor()
    await page.keyboard.press('ArrowRight')
    await timed('the last of all nodes', page, () => page.keyboard.press('End'), undefined)
    await page.getByRole('treeitem', { name: /^connector platform\/team-9,/, selected: true }).waitFor()
    const nodes = await page.getByRole('treeitem').count()
    assert.ok(nodes <= 60, `${nodes} nodes`)
  })

  test('shows a change of one store', async () => {
    await page.getByRole('searchbox', { name: 'Search' }).fill('models-0001')
    await page.getByRole('treeitem', { name: /^store team-1\/models-0001, Ready/ }).waitFor()
    const [, store] = objects.stores
    assert.ok(store?.status)
    const [ready] = store.status.conditions ?? []
    assert.ok(ready)
    await world.setStatus(ARTIFACT_STORES, store, {
      ...store.status,
      conditions: [{ ...ready, status: 'False', reason: 'Gone' }],
    })
    const started = performance.now()
    await page.getByRole('treeitem', { name: /^store team-1\/models-0001, Not ready, is tried again, Gone/ }).waitFor()
    print('a change of one store', performance.now() - started)
    await page.getByRole('searchbox', { name: 'Search' }).fill('')
  })

  test('has a timeline that draws no more than one sees, and no barrier', async () => {
    await timed('the timeline', page, () => page.getByRole('link', { name: 'Timeline' }).click(), undefined)
    await page.getByRole('heading', { name: /^Secrets 5,000/ }).waitFor()
    const rows = await page.getByRole('listitem').count()
    assert.ok(rows > 10 && rows < 80, `${rows} rows`)
    assert.deepEqual(await barriersIn(page), [])
  })

  test('shows the first findings, and more when asked', async () => {
    await timed('the findings', page, () => page.getByRole('link', { name: /^Trouble/ }).click(), undefined)
    const more = page.getByRole('button', { name: /^Show \d+ of \d+ more$/ })
    await more.waitFor()
    assert.equal(await page.getByRole('heading', { level: 3 }).count(), 20)
    await more.click()
    await page.getByRole('heading', { level: 3 }).nth(20).waitFor()
    assert.deepEqual(await barriersIn(page), [])
  })

  test('asked nobody else, and broke nothing', () => assert.deepEqual(opened.faults(), []))
})

/** Does something, and prints how long it took until the page said so, or else until it was painted anew. */
async function timed(what: string, page: Page, act: () => Promise<unknown>, said: string | undefined): Promise<void> {
  const started = performance.now()
  await act()
  if (said !== undefined) await page.getByText(said, { exact: true }).waitFor()
  await page.evaluate('new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))')
  print(what, performance.now() - started)
}

function print(what: string, ms: number): void {
  console.log(`the page with ${STORES} stores: ${what} after ${Math.round(ms)} ms`)
}

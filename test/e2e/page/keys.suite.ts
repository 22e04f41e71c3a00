/** Whoever goes by keys loses no place where a button takes itself away, and whoever only listens hears what came of it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPage } from '../../../scripts/cli/page.ts'
import type { OpenPage } from '../../support/browser.ts'
import { manyObjects } from '../../support/many-objects.ts'
import { PageLab } from '../../support/page-lab.ts'
import type { Parts } from './parts.ts'

/** The page of a connector shows 20 at first. */
const STORES = 25

/** What is shown for a while stays until one has looked. */
const HOLD = 'const real = setTimeout; setTimeout = (act, ms, ...rest) => (ms === 2000 ? 0 : real(act, ms, ...rest)); 0'
const REFUSE = "navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); 0"

export function testKeys({ browser }: Parts): void {
  describe('keys and screen readers', () => {
    let lab: PageLab
    let opened: OpenPage
    let page: Page
    before(async () => {
      const { connectors, stores } = manyObjects(STORES, 1, Date.now())
      lab = await PageLab.start((await buildPage()).files, { connectors, stores })
      opened = await browser().open(lab.url)
      page = opened.page
      await page.evaluate(HOLD)
    })
    after(async () => {
      await opened?.[Symbol.asyncDispose]()
      await lab?.[Symbol.asyncDispose]()
    })

    const goTo = (path: string) => page.goto(new URL(`#${path}`, page.url()).href)
    const focused = () => page.evaluate('document.activeElement.textContent')
    const heard = (text: string) => page.locator('#page > [aria-live]').getByText(text).waitFor()

    test('whoever asks for the last of a list goes on at the first entry that is new', async () => {
      await goTo('/connector/platform/team-0')
      await page.getByRole('button', { name: 'Show 5 of 5 more' }).press('Enter')
      const links = page.getByRole('list', { name: 'Stores' }).getByRole('link')
      await links.nth(STORES - 1).waitFor()
      assert.equal(await focused(), await links.nth(20).textContent())
    })

    test('whoever shows everything in the map again goes on at how much that is', async () => {
      await goTo('/map')
      for (const [text, button] of [
        ['models-0001', 'Clear'],
        ['nothing has this name', 'Show everything'],
      ] as const) {
        await page.getByRole('searchbox').fill(text)
        await page.getByRole('button', { name: button }).press('Enter')
        await page.getByText(`${STORES} stores`, { exact: true }).waitFor()
        assert.equal(await focused(), `${STORES} stores`)
      }
    })

    test('a button that copies says by its name what came of it, and the page says it, also within a dialog', async () => {
      await goTo('/store/team-1/models-0001')
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByRole('button', { name: 'Copy YAML' }).click()
      await page.getByRole('button', { name: 'Copied', exact: true }).waitFor()
      await heard('YAML copied')
      await page.getByRole('button', { name: 'Verify now' }).click()
      const dialog = page.getByRole('dialog')
      // Before it has anything to say.
      await dialog.locator('[role=status][aria-live]').waitFor({ state: 'attached' })
      await page.evaluate(REFUSE)
      await dialog.getByRole('button', { name: 'Copy command' }).click()
      await dialog.getByRole('button', { name: 'Select it instead', exact: true }).waitFor()
      await dialog.locator('[aria-live]').getByText('command not copied: select it instead').waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
      assert.match(String(await focused()), /^Verify now/)
      assert.deepEqual(opened.faults(), [])
    })
  })
}

/** Whatever others may write, in every field that the page shows: it is text, and nothing of it runs. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPage } from '../../../scripts/cli/page.ts'
import type { ArtifactStore } from '../../../src/api/artifact-store.ts'
import { whyNoChromium } from '../../cluster/chromium.ts'
import { Browser, type OpenPage } from '../../support/browser.ts'
import { manyObjects } from '../../support/many-objects.ts'
import { PageLab } from '../../support/page-lab.ts'

const MARKUP = [
  `<img src=x onerror="document.body.dataset.pwned='1'">`,
  `</script><script>document.body.dataset.pwned='1'</script>`,
  `"><svg/onload=document.body.dataset.pwned='1'>`,
  `javascript:document.body.dataset.pwned='1'`,
  '{{constructor.constructor("document.body.dataset.pwned=1")()}}',
  '__proto__',
] as const
/** Turns text around, hides what follows, clears a terminal. */
const MARKS = '\u202e\u2066\u200b\x1b[2J\0'

const skip = (await whyNoChromium()) ?? false

describe('a hostile text', { skip }, () => {
  let lab: PageLab
  let browser: Browser
  let opened: OpenPage
  let page: Page
  before(async () => {
    const stores = MARKUP.map((text, number) => hostileStore(number, `${text}${MARKS}`))
    const [connector] = manyObjects(1, 1, Date.now()).connectors
    assert.ok(connector)
    const principal = `${MARKUP[0]}${MARKS}`
    const ill = { ...connector, status: { ...connector.status, principal } }
    lab = await PageLab.start((await buildPage()).files, {
      ...{ connectors: [ill], stores },
      events: [{ ...eventWith(MARKUP.join(' ') + MARKS) }],
      links: [{ what: 'secrets', state: 'Denied', words: MARKUP.join(' ') }],
    })
    browser = await Browser.start()
    opened = await browser.open(lab.url)
    page = opened.page
    await page.getByText('6 stores', { exact: true }).waitFor()
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  const isHarmless = async (): Promise<void> => {
    assert.equal(await page.locator('body').getAttribute('data-pwned'), null)
    assert.equal(await page.locator('main img, main script, body > script, main a[href^="javascript"]').count(), 0)
    const text = await page.locator('body').textContent()
    assert.doesNotMatch((text ?? '').replaceAll(/[\n\t]/g, ''), /[\p{Cc}\p{Cf}]/u)
  }

  test('is text in the map and in its filters', async () => {
    const tree = page.getByRole('tree')
    for (const text of MARKUP) await tree.getByText(text, { exact: false }).first().waitFor()
    const reasons = await page.getByRole('combobox', { name: 'Reason' }).locator('option').allTextContents()
    assert.ok(reasons.some(reason => reason.startsWith('<img')))
    await isHarmless()
  })

  test('is text in a banner', async () => {
    await page.getByRole('region', { name: 'What is missing' }).getByText(MARKUP[0]).waitFor()
    await isHarmless()
  })

  for (const [number, text] of MARKUP.entries()) {
    test(`is text in each part of a store's page: ${text}`, async () => {
      await page.goto(`${new URL(lab.url).origin}/#/store/team-${number}/models-000${number}`)
      for (const part of ['Steps', 'What it may do', 'Conditions', 'Secrets', 'Events'])
        await page.getByLabel(part, { exact: true }).getByText(text).first().waitFor()
      await page.locator('.display-name').getByText(text).waitFor()
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByRole('region', { name: 'YAML' }).last().waitFor()
      await isHarmless()
    })
  }

  test('is text in the timeline', async () => {
    await page.goto(`${new URL(lab.url).origin}/#/timeline`)
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
    await page.getByText('models-0000-step').first().waitFor()
    await isHarmless()
  })

  test('is text in the findings', async () => {
    await page.goto(`${new URL(lab.url).origin}/#/trouble`)
    for (const text of MARKUP) await page.getByRole('listitem').getByText(text).first().waitFor()
    await isHarmless()
  })

  test('in the URL leads to a page that says that there is no such store', async () => {
    await page.goto(`${new URL(lab.url).origin}/#/store/${encodeURIComponent(MARKUP[0])}/${encodeURIComponent(MARKS)}x`)
    await page.getByText('There is no such store now').waitFor()
    assert.equal(await page.locator('main img').count(), 0)
    assert.equal(await page.locator('body').getAttribute('data-pwned'), null)
  })

  test('has nothing asked of others', () => {
    const others = opened.faults().filter(fault => !/status of 40[04]/.test(fault))
    assert.deepEqual(others, [])
  })
})

/** A store with the text in each member that the API server does not hold to be a name. */
function hostileStore(number: number, text: string): ArtifactStore {
  const [store] = manyObjects(number + 1, 1, Date.now()).stores.slice(-1)
  assert.ok(store?.status)
  const condition = { type: text, reason: text, message: text, lastTransitionTime: '2026-03-01T10:00:00Z' }
  const of = (type: string, status: 'True' | 'False') => ({ ...condition, type, status })
  return {
    ...store,
    spec: {
      ...store.spec,
      path: `s3://bucket/${text}`,
      displayName: text,
      credentials: [{ name: 'step', formats: ['Env'] }],
    },
    status: {
      ...store.status,
      bucket: { name: text, prefix: text, region: text },
      permissions: [{ action: text, result: 'Denied', probe: text, detail: text }],
      credentials: (store.status.credentials ?? []).map(one => ({ ...one, name: text })),
      conditions: [
        of('Ready', 'False'),
        of('Stalled', 'True'),
        of('BucketReachable', 'False'),
        of('Isolated', 'False'),
        { ...condition, status: 'False' },
      ],
    },
  }
}

const eventWith = (text: string) => ({
  ...{ apiVersion: 'v1', kind: 'Event', type: 'Warning', reason: text, message: text, lastTimestamp: text },
  metadata: { name: 'event', namespace: 'ml', uid: 'u', resourceVersion: '1' },
})

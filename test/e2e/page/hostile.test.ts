/** Whatever others may write, in every field that the page shows: it is text, and nothing of it runs. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { buildPage } from '../../../scripts/cli/page.ts'
import type { ArtifactStore } from '../../../src/api/artifact-store.ts'
import { CAUTIONS_ANNOTATION } from '../../../src/api/names.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import type { ServiceConnector } from '../../../src/api/service-connector.ts'
import { ARTIFACT_STORES, type Resource } from '../../../src/kube/resource.ts'
import { whyNoChromium } from '../../cluster/chromium.ts'
import { Browser, type OpenPage } from '../../support/browser.ts'
import { manyObjects } from '../../support/many-objects.ts'
import { PageLab } from '../../support/page-lab.ts'
import { PageWorld } from '../../support/page-world.ts'

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

const NAMESPACES = MARKUP.map((_, number) => `team-${number}`)

describe('a hostile text that an API server takes', { skip }, () => {
  let world: PageWorld
  let browser: Browser
  let opened: OpenPage
  let page: Page
  let origin: string
  before(async () => {
    world = await PageWorld.start()
    const { secretOf } = manyObjects(MARKUP.length, 1, Date.now())
    await world.put({
      connectors: [hostileConnector(`${MARKUP[0]}${MARKS}`)],
      stores: MARKUP.map((text, number) => hostileStore(number, `${text}${MARKS}`)),
      secretOf: (store, number) => hostileSecret(secretOf(store, number), `${MARKUP[number]}${MARKS}`),
    })
    for (const [number, text] of MARKUP.entries()) await record(world, number, `${text}${MARKS}`)
    const server = await world.serve(await hostileContext(world.kubeconfig))
    origin = server.url.origin
    browser = await Browser.start()
    opened = await browser.open(server.url.href)
    page = opened.page
    await page.getByText('6 stores', { exact: true }).waitFor()
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  })

  test('is text in the map and in its filters', async () => {
    const tree = page.getByRole('tree')
    for (const text of MARKUP) await tree.getByText(text, { exact: false }).first().waitFor()
    const reasons = await page.getByRole('combobox', { name: 'Reason' }).locator('option').allTextContents()
    assert.ok(reasons.some(reason => reason.startsWith('<img')))
    await isHarmless(page)
  })

  test("is text in the cluster's name, at the head and in the title of the window", async () => {
    await page.locator('.where').getByText(MARKUP[1]).waitFor()
    assert.ok((await page.title()).includes(MARKUP[1]))
    assert.doesNotMatch(await page.title(), /[\p{Cc}\p{Cf}]/u)
  })

  for (const [number, text] of MARKUP.entries()) {
    test(`is text in each part of a store's page: ${text}`, async () => {
      await page.goto(`${origin}/#/store/${NAMESPACES[number]}/models-000${number}`)
      for (const part of ['Steps', 'What it may do', 'Conditions', 'Secrets', 'Events', 'To be known'])
        await page.getByLabel(part, { exact: true }).getByText(text).first().waitFor()
      await page.locator('.display-name').getByText(text).waitFor()
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByRole('region', { name: 'YAML' }).last().waitFor()
      await isHarmless(page)
    })
  }

  test("is text in each part of a connector's page", async () => {
    await page.goto(`${origin}/#/connector/platform/team-0`)
    for (const part of ['Steps', 'Identity', 'Stores', 'Conditions'])
      await page.getByRole('main').getByLabel(part, { exact: true }).getByText(MARKUP[0]).first().waitFor()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByRole('region', { name: 'YAML' }).last().waitFor()
    await isHarmless(page)
  })

  test('is text in the timeline', async () => {
    await page.goto(`${origin}/#/timeline`)
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
    for (const text of ['models-0000-step', MARKUP[0]]) await page.getByText(text).first().waitFor()
    await isHarmless(page)
  })

  test('is text in the findings', async () => {
    await page.goto(`${origin}/#/trouble`)
    for (const text of MARKUP) await page.getByRole('listitem').getByText(text).first().waitFor()
    await isHarmless(page)
  })

  test('is text in what screen readers hear', async () => {
    const [, store] = MARKUP.map((text, number) => hostileStore(number, text))
    assert.ok(store?.status)
    await world.setStatus(ARTIFACT_STORES, store, { ...store.status, conditions: [] })
    await page.locator('[aria-live]').getByText('store team-1/models-0001 is unseen').waitFor()
    await isHarmless(page)
  })

  test('in the URL leads to a page that says that there is no such object', async () => {
    for (const kind of ['store', 'connector']) {
      await page.goto(`${origin}/#/${kind}/${encodeURIComponent(MARKUP[0])}/${encodeURIComponent(MARKS)}x`)
      await page.getByText(`There is no such ${kind} now`).waitFor()
      await isHarmless(page)
    }
  })

  test('has nothing asked of others', () => {
    const others = opened.faults().filter(fault => !/status of 40[04]/.test(fault))
    assert.deepEqual(others, [])
  })
})

describe('a hostile text that no API server takes, or writes itself', { skip }, () => {
  let lab: PageLab
  let browser: Browser
  let page: Page
  before(async () => {
    const [store] = manyObjects(1, 1, Date.now()).stores
    assert.ok(store)
    lab = await PageLab.start((await buildPage()).files, {
      stores: [{ ...store, spec: { ...store.spec, path: `s3://bucket/${MARKUP[0]}${MARKS}` } }],
      links: [{ what: 'secrets', state: 'Denied', words: MARKUP.join(' ') + MARKS }],
    })
    browser = await Browser.start()
    page = (await browser.open(lab.url)).page
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  test('is text in a banner, and in a path', async () => {
    await page.getByRole('region', { name: 'What is missing' }).getByText(MARKUP[0]).waitFor()
    await page.getByRole('tree').getByText(MARKUP[0]).first().waitFor()
    await isHarmless(page)
  })
})

async function isHarmless(page: Page): Promise<void> {
  assert.equal(await page.locator('body').getAttribute('data-pwned'), null)
  assert.equal(await page.locator('main img, main script, body > script, main a[href^="javascript"]').count(), 0)
  const text = await page.locator('body').textContent()
  assert.doesNotMatch((text ?? '').replaceAll(/[\n\t]/g, ''), /[\p{Cc}\p{Cf}]/u)
}

/** A store with the text in each member that the API server does not hold to be a name. */
function hostileStore(number: number, text: string): ArtifactStore {
  const [store] = manyObjects(number + 1, 1, Date.now()).stores.slice(-1)
  assert.ok(store?.status)
  return {
    ...store,
    metadata: { ...store.metadata, annotations: { 'team.example/note': text } },
    spec: { ...store.spec, displayName: text },
    status: {
      ...store.status,
      lastHandledRequest: text,
      bucket: { name: text, prefix: text, region: text },
      permissions: [{ action: text, result: 'Denied', probe: text, detail: text }],
      credentials: [
        ...(store.status.credentials ?? []).map(one => ({ ...one, name: text })),
        { name: text, namespace: text, secretName: text, expiresAt: '2026-03-01T10:00:00Z' },
      ],
      conditions: hostileConditions(text, ['BucketReachable', 'Isolated']),
    },
  }
}

function hostileConnector(text: string): ServiceConnector {
  const [connector] = manyObjects(1, 1, Date.now()).connectors
  assert.ok(connector)
  return {
    ...connector,
    metadata: { ...connector.metadata, annotations: { 'team.example/note': text } },
    status: {
      ...connector.status,
      principal: text,
      identity: { arn: `a ${text}`, accountId: text, tenantId: `t ${text}`, clientId: `c ${text}` },
      resources: [{ uri: text, region: text }],
      conditions: hostileConditions(text, ['LeastPrivilege']),
    },
  }
}

function hostileConditions(text: string, types: string[]) {
  const condition = { reason: text, message: text, lastTransitionTime: '2026-03-01T10:00:00Z' }
  // What a step says is said nowhere else, so each says something of its own.
  const wrong = ['Ready', ...types, text].map((type, at) => ({
    ...{ ...condition, type, status: 'False' as const },
    message: `${at} ${text}`,
  }))
  return [...wrong, { ...condition, type: 'Stalled', status: 'True' as const }]
}

const hostileSecret = (secret: KubeObject, text: string): KubeObject => ({
  ...secret,
  metadata: {
    ...secret.metadata,
    annotations: { ...secret.metadata.annotations, [CAUTIONS_ANNOTATION]: text, 'team.example/note': text },
  },
})

const EVENTS: Resource = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true }

/** Records an event about the store, as whoever may create events can. */
async function record({ client }: PageWorld, number: number, text: string): Promise<void> {
  const [namespace = '', name] = [NAMESPACES[number], `models-000${number}`]
  const { metadata } = await client.get<KubeObject>(ARTIFACT_STORES, namespace, name)
  await client.create(EVENTS, {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'hostile', namespace } },
    involvedObject: { kind: 'ArtifactStore', namespace, name, uid: metadata.uid },
    ...{ type: text, reason: text, message: text, reportingComponent: text, source: { component: text } },
  })
}

/** A kubeconfig whose context has such a name: tools write names that others have chosen for clusters. */
async function hostileContext(kubeconfig: string): Promise<string> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'))
  const name = `${MARKUP[1]}${MARKS}`
  config.contexts[0].name = name
  config['current-context'] = name
  await writeFile(`${kubeconfig}-hostile`, JSON.stringify(config), { mode: 0o600 })
  return `${kubeconfig}-hostile`
}

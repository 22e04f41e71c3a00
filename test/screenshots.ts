/**
 * Takes the pictures of the page that README.md and docs/ui.md show, into docs/images: a cluster with the operator and
 * MinIO, and for what only many stores show, another one with 5,000.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { whyNoChromium } from './cluster/chromium.ts'
import { Browser, type Look } from './support/browser.ts'
import { CommandLine } from './support/command-line.ts'
import { manyObjects } from './support/many-objects.ts'
import { PageWorld } from './support/page-world.ts'
import { UiProcess } from './support/ui-process.ts'
import { World } from './support/world.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/images')

/** A picture of a view, once `ready` holds. */
interface Picture extends Look {
  name: string
  path: string
  ready(page: Page): Promise<unknown>
}

const store = (name: string) => (page: Page) => page.getByRole('treeitem', { name: `store ${name}` }).waitFor()

const SMALL: readonly Picture[] = [
  { name: 'ui-map', path: '/map', ready: store('research/models') },
  { name: 'ui-map-dark', path: '/map', scheme: 'dark', ready: store('research/models') },
  {
    ...{ name: 'ui-store', path: '/store/research/models', height: 1240 },
    ready: page => page.getByRole('region', { name: 'What it may do' }).getByText('s3:GetObject').waitFor(),
  },
  {
    ...{ name: 'ui-connector', path: '/connector/research/minio', height: 760 },
    ready: page => page.getByRole('list', { name: 'Steps' }).waitFor(),
  },
  {
    ...{ name: 'ui-trouble', path: '/trouble', height: 640 },
    ready: page => page.getByRole('button', { name: 'Run …' }).first().waitFor(),
  },
  { name: 'ui-narrow', path: '/map', width: 390, height: 780, ready: store('research/models') },
]

const LARGE: readonly Picture[] = [
  {
    ...{ name: 'ui-map-many', path: '/map' },
    ready: page => page.getByText('5,000 stores').waitFor(),
  },
  {
    ...{ name: 'ui-timeline', path: '/timeline' },
    ready: page => page.getByRole('heading', { name: /^Secrets 5,000/ }).waitFor(),
  },
]

async function take(browser: Browser, url: string, pictures: readonly Picture[]): Promise<void> {
  for (const { name, path, ready, ...look } of pictures) {
    await using opened = await browser.open(`${url}&${path}`, look)
    await ready(opened.page)
    await opened.page.screenshot({ path: join(folder, `${name}.png`) })
    console.log(`docs/images/${name}.png`)
  }
}

/** Stores as people have them, one of which has no bucket, and one whose connector issues credentials as MinIO can't. */
async function furnish(world: World): Promise<void> {
  const research = await world.tenant('research')
  await research.connector('minio')
  await research.store('models', {
    ...{ displayName: 'Model weights', default: true, usage: { source: 'List' } },
    credentials: [
      { name: 'train', formats: ['AwsProfile'] },
      { name: 'serve', formats: ['Env'], access: 'ReadOnly' },
    ],
  })
  await research.store('datasets', { credentials: [{ name: 'step', formats: ['AwsProfile', 'Env'] }] })
  await research.store('traces', { path: 's3://traces-of-2026' })
  const web = await world.tenant('web')
  await web.user('uploads-key', 'readwrite')
  await web.connector('uploads', { auth: { accessKey: { secretName: 'uploads-key' } }, issue: 'SessionToken' })
  await web.store('uploads', { connectorRef: { name: 'uploads' } })
  await Promise.all([
    research.storeReady('models'),
    research.storeReady('datasets'),
    research.storeCondition('traces', 'Ready', 'False'),
    web.connectorCondition('uploads', 'Ready', 'False'),
    web.storeCondition('uploads', 'Ready', 'False'),
  ])
}

const absent = await whyNoChromium()
if (absent) throw new Error(absent)
await mkdir(folder, { recursive: true })
await using browser = await Browser.start()
const world = await World.start()
const cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
try {
  await world.startOperator()
  await furnish(world)
  const server = await UiProcess.start(cli, '-A --no-open')
  await take(browser, server.url.href, SMALL)
  await server.stop()
} finally {
  await cli.remove()
  await world.stop()
}
await using many = await PageWorld.start()
await many.put(manyObjects(5000, 40, Date.now()))
await take(browser, (await many.serve()).url.href, LARGE)

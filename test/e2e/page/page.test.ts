/** The page that `kubectl artifactstore ui` serves, in Chromium, against a real control plane with the operator and MinIO. */
import { after, before, describe } from 'node:test'
import { whyNoChromium } from '../../cluster/chromium.ts'
import { Browser } from '../../support/browser.ts'
import { CommandLine } from '../../support/command-line.ts'
import { UiProcess } from '../../support/ui-process.ts'
import { World } from '../../support/world.ts'
import { testActs } from './acts.suite.ts'
import { testBarriers } from './barriers.suite.ts'
import { testEntry } from './entry.suite.ts'
import { testKeys } from './keys.suite.ts'
import { testLive } from './live.suite.ts'
import { testOutages } from './outages.suite.ts'
import { testViews } from './views.suite.ts'

const skip = (await whyNoChromium()) ?? false

describe('the page', { skip }, () => {
  let world: World
  let cli: CommandLine
  let server: UiProcess
  let browser: Browser
  before(async () => {
    world = await World.start()
    cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
    await world.startOperator()
    server = await UiProcess.start(cli, '-A --no-open')
    browser = await Browser.start()
  })
  after(async () => {
    await browser?.[Symbol.asyncDispose]()
    await server?.stop()
    await cli?.remove()
    await world?.stop()
  })

  const parts = {
    world: () => world,
    cli: () => cli,
    browser: () => browser,
    open: (path: string, look = {}) => browser.open(`${server.url.href}&${path}`, look),
  }
  testViews(parts)
  testActs(parts)
  testKeys(parts)
  testLive(parts)
  testBarriers(parts)
  testEntry(parts)
  testOutages(parts)
})

/** Chromium as a person uses it. Each page tells what it should not have done. */
import { type BrowserContext, type Browser as Chrome, chromium as driver, type Page } from 'playwright-core'
import { chromium } from '../cluster/chromium.ts'

export interface Look {
  scheme?: 'light' | 'dark'
  width?: number
  height?: number
}

export interface OpenPage extends AsyncDisposable {
  page: Page
  /** Requests elsewhere, errors of scripts, and what the page's own policy refused. Empty for a good page. */
  faults(): string[]
}

export class Browser implements AsyncDisposable {
  readonly #chrome: Chrome

  private constructor(chrome: Chrome) {
    this.#chrome = chrome
  }

  static async start(): Promise<Browser> {
    const { path, env } = await chromium()
    // Pixels of screenshots are the same with any graphics card.
    const args = ['--font-render-hinting=none', '--disable-gpu']
    return new Browser(
      await driver.launch({ executablePath: path, args, env: { ...(process.env as Record<string, string>), ...env } }),
    )
  }

  /** Opens a URL as somebody who was never there. */
  async open(url: string, { scheme = 'light', width = 1280, height = 800 }: Look = {}): Promise<OpenPage> {
    const context = await this.#chrome.newContext({
      ...{
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: 'reduce',
        locale: 'en-GB',
        timezoneId: 'UTC',
      },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const faults = watch(context, new URL(url).origin)
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(url)
    return { page, faults: () => faults, [Symbol.asyncDispose]: () => context.close() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chrome.close()
  }
}

function watch(context: BrowserContext, origin: string): string[] {
  const faults: string[] = []
  context.on('request', request => {
    if (new URL(request.url()).origin !== origin) faults.push(`request: ${request.url()}`)
  })
  context.on('weberror', error => faults.push(`error: ${error.error().message}`))
  context.on('console', message => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`)
  })
  return faults
}

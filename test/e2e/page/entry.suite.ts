/** How the browser that the command opens gets in: by a code that others may read, and that lets in once. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { endWithUs } from '../../support/client-process.ts'
import { until } from '../../support/until.ts'
import type { Parts } from './parts.ts'

/** Tells the words that it was called with, as `ps` shows them to others of the machine. */
const OPENER = `#!/bin/sh
printf '%s\\n' "$@" > "$0.words.part" && mv "$0.words.part" "$0.words"
`

export function testEntry({ cli, browser }: Parts): void {
  describe('the browser that the command opens', {
    skip: process.platform !== 'linux' && 'it is xdg-open on Linux',
  }, () => {
    let printed = ''
    let opener: string
    let code: URL
    let end: () => Promise<unknown>
    before(async () => {
      opener = join(cli().folder, 'xdg-open')
      await writeFile(opener, OPENER)
      await chmod(opener, 0o755)
      // On a terminal, as only there a browser is opened.
      const child = spawn('script', ['-qec', `kubectl-artifactstore ui -A`, '/dev/null'], {
        env: { ...cli().env(), PATH: [cli().folder, cli().env()['PATH']].join(delimiter) },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      endWithUs(child)
      child.stdout.setEncoding('utf8').on('data', text => {
        printed += text
      })
      end = () => {
        const closed = once(child, 'close')
        child.stdin.write('\x03')
        return closed
      }
      const words = await until(
        'the opener was called',
        () => readFile(`${opener}.words`, 'utf8').catch(() => undefined),
        {
          last: () => printed,
        },
      )
      code = new URL(words.trim())
    })
    after(() => end?.())

    test('is not told the token, which is printed for the person', () => {
      const [, token = ''] = /#token=([\w-]{43})/.exec(printed) ?? []
      assert.equal(token.length, 43, printed)
      assert.match(code.hash, /^#code=[\w-]{43}$/)
      assert.ok(!code.href.includes(token))
    })

    test('is let in once, stays in after a reload, and is out when the code comes again', async () => {
      await using first = await browser().open(code.href)
      await first.page.getByText(/^\d+ stores?$/).waitFor()
      assert.equal(new URL(first.page.url()).hash, '')
      await first.page.reload()
      await first.page.getByText(/^\d+ stores?$/).waitFor()
      assert.deepEqual(first.faults(), [])
      await using second = await browser().open(code.href)
      const alert = second.page.getByRole('alert')
      await alert.getByText(/this URL has been used, and lets in only once/).waitFor()
      await alert.getByText(/open the URL that "kubectl artifactstore ui" has printed/).waitFor()
      assert.equal(await second.page.getByRole('tree').count(), 0)
      await first.page
        .getByRole('alert')
        .getByText(/this tab has no token/)
        .waitFor()
    })

    test('may be any other browser by the URL that is printed, as often as one likes', async () => {
      const [url = ''] = /http:\S+#token=[\w-]{43}/.exec(printed) ?? []
      for (let time = 0; time < 2; time++) {
        await using opened = await browser().open(url)
        await opened.page.getByText(/^\d+ stores?$/).waitFor()
      }
    })

    test('is told what to do when it comes from a bookmark', async () => {
      await using opened = await browser().open(`${code.origin}/#/map`)
      await opened.page
        .getByRole('alert')
        .getByText(/open the URL that "kubectl artifactstore ui" prints/)
        .waitFor()
    })
  })
}

/**
 * The page of `ui` in the bundle of the command line: builds it into dist/ui, and checks that it is small. As a program, it
 * does only that.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Plugin } from 'esbuild'
import { readBuiltPage } from '../../src/ui/server/built-page.ts'
import { pageOf } from '../../src/ui/server/page.ts'

const config = fileURLToPath(new URL('../../src/ui/vite.config.ts', import.meta.url))
const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))

/** What the page may weigh as it is sent, all files together. */
const MAX_BYTES = 400 * 1024

/** Builds the page. Returns its files, as `readBuiltPage` does. */
export async function buildPage(): Promise<Record<string, string>> {
  // The page comes with the commit after the one of its server.
  if (!existsSync(config))
    return { 'index.html': Buffer.from('<!doctype html><title>artifact stores</title>').toString('base64') }
  await promisify(execFile)(process.execPath, [vite, 'build', '--config', config, '--logLevel', 'warn'])
  const files = await readBuiltPage()
  checkSize(files)
  return files
}

/** Throws for a page that is too large, and names its files by size. */
export function checkSize(files: Readonly<Record<string, string>>): number {
  // Fails for files that the server could not serve, too.
  const sizes = new Map(
    [...pageOf(files)].filter(([path]) => path !== '/').map(([path, { gzip }]) => [path, gzip.length]),
  )
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  if (total <= MAX_BYTES) return total
  const named = [...sizes].sort(([, one], [, other]) => other - one).map(([path, size]) => `${path} ${size}`)
  throw new Error(`the page has ${total} bytes (gzip), and may have ${MAX_BYTES}: ${named.join(', ')}`)
}

/** Puts the built files in the place of what reads them from the disk. */
export const builtPage: Plugin = {
  name: 'built page',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]ui[\\/]server[\\/]built-page\.ts$/ }, async () => ({
      contents: `export const readBuiltPage = async () => (${JSON.stringify(await buildPage())})`,
    }))
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = checkSize(await buildPage())
  console.log(`dist/ui: ${bytes} bytes (gzip)`)
}

/**
 * The page of `ui` in the bundle of the command line: builds it, and checks that it is small. As a program, it writes it into
 * dist/ui, where the command line finds it when it runs from source.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { build, type Rolldown } from 'vite'
import { pageOf } from '../../src/ui/server/page.ts'
import config, { NOTICES } from '../../src/ui/vite.config.ts'

const folder = fileURLToPath(new URL('../../dist/ui', import.meta.url))

/** What the page may weigh as it is sent, all files together. */
const MAX_BYTES = 400 * 1024

interface BuiltPage {
  /** As `readBuiltPage` returns them. */
  files: Record<string, string>
  /** What the licences of packages ask to go along with the page. */
  notices: string
}

/** Builds the page in memory, as several tests may do that at the same time. */
export async function buildPage(): Promise<BuiltPage> {
  const built = await build({ ...config, configFile: false, build: { ...config.build, write: false } })
  const { output } = built as Rolldown.RolldownOutput
  const all = output.map(file => [file.fileName, Buffer.from(file.type === 'chunk' ? file.code : file.source)] as const)
  const notices = all.find(([path]) => path === NOTICES)?.[1].toString()
  if (!notices) throw new Error(`Vite wrote no ${NOTICES}: see build.license in src/ui/vite.config.ts`)
  const files = all.filter(([path]) => path !== NOTICES).map(([path, content]) => [path, content.toString('base64')])
  const page = { files: Object.fromEntries(files) as Record<string, string>, notices }
  checkSize(page.files)
  return page
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
export const builtPage = ({ files }: BuiltPage): Plugin => ({
  name: 'built page',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]ui[\\/]server[\\/]built-page\.ts$/ }, () => ({
      contents: `export const readBuiltPage = async () => (${JSON.stringify(files)})`,
    }))
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = await buildPage()
  await rm(folder, { recursive: true, force: true })
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), Buffer.from(content, 'base64'))
  }
  console.log(`dist/ui: ${checkSize(files)} bytes (gzip)`)
}

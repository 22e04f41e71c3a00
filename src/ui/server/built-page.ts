/** The files of the page as they were built. The bundle of the command line has them in place of this file. */
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { usageFailure } from '../../cli/frame/failures.ts'

const FOLDER = fileURLToPath(new URL('../../../dist/ui/', import.meta.url))

/** Content in base64 by path below the root of the page: `index.html`, `assets/page.js`. */
export async function readBuiltPage(): Promise<Record<string, string>> {
  try {
    const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true })
    const paths = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`)
    const files = paths.map(async path => [
      path.replaceAll('\\', '/').slice(FOLDER.length).replace(/^\//, ''),
      (await readFile(path)).toString('base64'),
    ])
    return Object.fromEntries(await Promise.all(files))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw usageFailure('the page was not built', 'run "npm run build:ui", and try again')
  }
}

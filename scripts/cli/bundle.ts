/**
 * Bundles the command line into one file, dist/kubectl-artifactstore.mjs, or into the folder that the first argument
 * names. What a command does not use is not even evaluated: esbuild runs the modules behind an import() when it is reached.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { leanPlugins } from '../lean.ts'
import { notices } from '../notices.ts'
import { lateBuiltins } from './late-builtins.ts'
import { buildPage, builtPage } from './page.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export const PROGRAM = 'kubectl-artifactstore'

/** Code and notices of the program, as a module or, for an executable, as CommonJS. */
export async function bundleCli(format: 'esm' | 'cjs'): Promise<{ code: string; notices: string }> {
  const page = await buildPage()
  const { metafile, outputFiles } = await build({
    format,
    metafile: true,
    write: false,
    absWorkingDir: root,
    entryPoints: [join(root, 'src/cli/main.ts')],
    outdir: 'dist',
    bundle: true,
    plugins: [lateBuiltins, builtPage(page), ...leanPlugins],
    // Paths of modules are in the file: those below the root are the same wherever that is.
    preserveSymlinks: true,
    platform: 'node',
    target: 'node22',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
  const [file] = outputFiles
  if (!file || outputFiles.length > 1) throw new Error('the command line must become one file')
  return { code: file.text, notices: `${notices(metafile, root)}\n${page.notices}` }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outdir = process.argv[2] ?? join(root, 'dist')
  const { code, notices } = await bundleCli('esm')
  await mkdir(outdir, { recursive: true })
  const path = join(outdir, `${PROGRAM}.mjs`)
  await writeFile(path, code)
  await chmod(path, 0o755)
  await writeFile(join(outdir, `${PROGRAM}-NOTICES.txt`), notices)
}

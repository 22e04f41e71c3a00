/**
 * Bundles the operator into dist/, or the folder that the first argument names: operator.mjs, what it loads when it is
 * first needed, such as Azure's libraries, and the notices of third parties. Nothing but these files and Node is in the image.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { leanPlugins } from './lean.ts'
import { notices } from './notices.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const outdir = process.argv[2] ?? path('../dist')

// Names are kept for stack traces. White space is removed because V8 keeps the source in memory.
const { metafile, outputFiles } = await build({
  metafile: true,
  write: false,
  absWorkingDir: path('..'),
  entryPoints: { operator: path('../src/main.ts') },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  plugins: leanPlugins,
  // Modules of ES, of which only what is used gets into the bundle: a third of the SDK's S3 client.
  mainFields: ['module', 'main'],
  // debug does without it. It is here only because tools need it, and an image must not depend on those.
  external: ['supports-color'],
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // CommonJS dependencies call require for Node's modules. The alias is for others, which import createRequire by name.
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'\nconst require = bundleRequire(import.meta.url)",
  },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
})

// One other character makes V8 keep two bytes for each character of the file: 5 MiB more.
for (const file of outputFiles) {
  const other = /.{0,40}[^\0-\x7f].{0,40}/.exec(file.text)
  if (other) throw new Error(`dist/${basename(file.path)} must be ASCII, write an escape instead: ${other[0]}`)
}
const texts = notices(metafile, path('..'))

// An earlier bundle stays until there is another one: an operator that runs may not have loaded all of it yet.
await rm(outdir, { recursive: true, force: true })
await mkdir(outdir, { recursive: true })
await Promise.all(outputFiles.map(file => writeFile(file.path, file.contents)))
await writeFile(join(outdir, 'THIRD-PARTY-NOTICES.txt'), texts)

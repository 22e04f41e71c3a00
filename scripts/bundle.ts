/** Bundles the operator into dist/operator.js: one file, and nothing but Node in the image. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

// Names stay, for stack traces; white space goes, as V8 keeps the source in memory.
await build({
  entryPoints: [path('../src/main.ts')],
  outfile: path('../dist/operator.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // Dependencies in CommonJS call require for the modules of Node. Others import createRequire by that name.
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'\nconst require = bundleRequire(import.meta.url)",
  },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
})

/** Bundles the operator into dist/operator.js: one file, and nothing but Node in the image. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

// Names are kept for stack traces. White space is removed because V8 keeps the source in memory.
await build({
  entryPoints: [path('../src/main.ts')],
  outfile: path('../dist/operator.js'),
  bundle: true,
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

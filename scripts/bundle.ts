/** Bundles the operator into dist/operator.js: one file, and nothing but Node in the image. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

// Not minified: stack traces stay readable, and the image is mostly Node anyway.
await build({
  entryPoints: [path('../src/main.ts')],
  outfile: path('../dist/operator.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // Dependencies in CommonJS call require for the modules of Node.
  banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  logLevel: 'warning',
})

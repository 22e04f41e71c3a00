/** How the page is built: a script, a style sheet and an icon beside index.html, and nothing inline. */
import { join } from 'node:path'
import type { UserConfig } from 'vite'

/** The file with the licences of what is in the bundle. It is no part of the page. */
export const NOTICES = 'NOTICES.md'

const config: UserConfig = {
  root: join(import.meta.dirname, 'app'),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, '../../dist/ui'),
    emptyOutDir: true,
    // What styles and scripts use: light-dark() and the like.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // The page's policy lets no data: URL in.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    license: { fileName: NOTICES },
  },
}

export default config

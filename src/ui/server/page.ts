/** The files of the page, ready to be sent. Only paths that are in the table are served: none leads to the disk. */
import { extname } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

export interface PageFile {
  type: string
  gzip: Uint8Array
}

export type Page = ReadonlyMap<string, PageFile>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

const INDEX = '/index.html'

/** `files`: base64 by path, without compression. Throws for a file of an unknown type, and without index.html. */
export function pageOf(files: Readonly<Record<string, string>>): Page {
  const page = new Map<string, PageFile>()
  for (const [path, content] of Object.entries(files)) {
    const type = TYPES[extname(path)]
    if (!type) throw new Error(`src/ui/server/page.ts knows no type for ${path}: add it there`)
    page.set(`/${path}`, { type, gzip: gzipSync(Buffer.from(content, 'base64')) })
  }
  const index = page.get(INDEX)
  if (!index) throw new Error('the page has no index.html')
  return page.set('/', index)
}

/** The content for a browser that takes gzip, or for a program that does not. */
export function contentOf({ gzip }: PageFile, acceptEncoding: string | undefined) {
  return /\bgzip\b/.test(acceptEncoding?.slice(0, 200) ?? '')
    ? { body: gzip, headers: { 'Content-Encoding': 'gzip' } }
    : { body: gunzipSync(gzip), headers: {} }
}

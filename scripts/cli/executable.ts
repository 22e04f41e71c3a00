/**
 * Makes one executable of the command line and the Node that runs this, for this platform: dist/kubectl-artifactstore, or
 * in the folder that the first argument names. People need no Node for it.
 */
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'postject'
import { bundleCli, PROGRAM } from './bundle.ts'

/** What Node looks for in its own file (https://nodejs.org/api/single-executable-applications.html). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const outdir = process.argv[2] ?? fileURLToPath(new URL('../../dist/', import.meta.url))
const executable = join(outdir, process.platform === 'win32' ? `${PROGRAM}.exe` : PROGRAM)
const folder = await mkdtemp(join(tmpdir(), 'executable-'))
try {
  const [main, blob, config] = ['main.cjs', 'blob', 'config.json'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(main, (await bundleCli('cjs')).code)
  const settings = { main, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true }
  await writeFile(config, JSON.stringify(settings))
  await promisify(execFile)(process.execPath, ['--experimental-sea-config', config])
  await mkdir(outdir, { recursive: true })
  // One that runs can't be written over.
  await rm(executable, { force: true })
  await copyFile(process.execPath, executable)
  await chmod(executable, 0o755)
  await inject(executable, 'NODE_SEA_BLOB', await readFile(blob), {
    sentinelFuse: FUSE,
    ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
  })
} finally {
  await rm(folder, { recursive: true })
}

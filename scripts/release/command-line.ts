/** Makes what a release has of the command line: the program, its caller on Windows, and what krew installs. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { krewManifest } from './krew.ts'

const run = promisify(execFile)
const PROGRAM = 'kubectl-artifactstore.mjs'
const NOTICES = 'kubectl-artifactstore-NOTICES.txt'
/**
 * Beside the program on PATH of Windows, where kubectl finds a plugin by an ending that Windows runs. krew can't take it: it
 * calls each plugin of Windows `.exe`.
 */
const FOR_WINDOWS = {
  name: 'kubectl-artifactstore.cmd',
  text: `@echo off\r\nnode "%~dp0${PROGRAM}" %*\r\n`,
}

/** `time`: seconds since 1970, of all files in the archive. */
export async function releaseCommandLine(
  root: string,
  folder: string,
  { version, time }: { version: string; time: number },
) {
  const built = await mkdtemp(join(tmpdir(), 'command-line-'))
  try {
    await run(process.execPath, [join(root, 'scripts/cli/bundle.ts'), built])
    await copyFile(join(root, 'LICENSE'), join(built, 'LICENSE'))
    // Only GNU's tar sorts, and says nothing of who has packed it.
    const options = [
      '--sort=name',
      `--mtime=@${time}`,
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=go=rX,u=rwX',
    ]
    const { stdout } = await run('tar', [...options, '--create', '--directory', built, '.'], {
      encoding: 'buffer',
      maxBuffer: 64 * 2 ** 20,
    })
    const archive = gzipSync(stdout, { level: 9 })
    const file = `kubectl-artifactstore-${version}.tar.gz`
    await writeFile(join(folder, file), archive)
    const sha256 = createHash('sha256').update(archive).digest('hex')
    await writeFile(join(folder, 'artifactstore.yaml'), krewManifest({ version, file, sha256 }))
    await writeFile(join(folder, PROGRAM), await readFile(join(built, PROGRAM)), { mode: 0o755 })
    await copyFile(join(built, NOTICES), join(folder, NOTICES))
    await writeFile(join(folder, FOR_WINDOWS.name), FOR_WINDOWS.text)
  } finally {
    await rm(built, { recursive: true })
  }
}

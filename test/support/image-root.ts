/**
 * The root file system of the image without a container engine: the folders below an empty one, in which a process runs
 * as in a pod. In place of the base image's, Node and its libraries are those of this machine.
 */
import { execFile, execFileSync } from 'node:child_process'
import { copyFile, cp, glob, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Dockerfile, readDockerfile } from './dockerfile.ts'
import { project } from './project.ts'

const execute = promisify(execFile)
const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'
const DEVICES = ['null', 'random', 'urandom']

/** In a mount namespace of its own: shows `$ROOT` read-only with what each container gets, and runs "$@" in it. */
const IN_ROOT = `
  mount --bind "$ROOT" "$ROOT"
  mount --bind /proc "$ROOT/proc"
  for device in ${DEVICES.join(' ')}; do mount --bind "/dev/$device" "$ROOT/dev/$device"; done
  mount -o remount,bind,ro "$ROOT"
  exec "$@"`

/** Why this machine can't run what is in such a root; undefined when it can. */
export function whyNoRoot(): string | undefined {
  try {
    execFileSync('unshare', ['--mount', 'mount', '--bind', '/', '/'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `only root on Linux may mount and change the root: ${error instanceof Error ? error.message : error}`
  }
}

export class ImageRoot {
  /** The folder that is `/` for those who run in it. */
  readonly dir: string
  readonly dockerfile: Dockerfile

  private constructor(dir: string, dockerfile: Dockerfile) {
    this.dir = dir
    this.dockerfile = dockerfile
  }

  /** Builds the bundle from nothing but what the Dockerfile copies, and lays out the final stage. */
  static async create(): Promise<ImageRoot> {
    const root = new ImageRoot(await mkdtemp(join(tmpdir(), 'image-')), readDockerfile())
    try {
      await root.#layBase()
      await root.#layBundle()
      return root
    } catch (error) {
      await root.remove()
      throw error
    }
  }

  async #layBase(): Promise<void> {
    const [node = ''] = this.dockerfile.entrypoint
    const { stdout } = await execute('ldd', [process.execPath])
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)
    const files: [from: string, to: string][] = [
      [process.execPath, node],
      ...libraries.map((path): [string, string] => [path, path]),
      ['/etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/ca-certificates.crt'],
    ]
    for (const [from, to] of files) {
      await mkdir(join(this.dir, dirname(to)), { recursive: true })
      await copyFile(from, join(this.dir, to))
    }
    for (const folder of ['tmp', 'proc', 'dev', TOKEN_FOLDER]) await mkdir(join(this.dir, folder), { recursive: true })
    for (const device of DEVICES) await writeFile(join(this.dir, 'dev', device), '')
    await execute('chmod', ['-R', 'a+rX', this.dir])
    await execute('chmod', ['1777', join(this.dir, 'tmp')])
  }

  async #layBundle(): Promise<void> {
    const source = await mkdtemp(join(tmpdir(), 'context-'))
    try {
      for (const { sources, target } of this.dockerfile.context) {
        const into = (path: string) =>
          target.endsWith('/') ? join(source, target, basename(path)) : join(source, target)
        const filter = (path: string) => !path.endsWith('.test.ts')
        for (const path of sources) await cp(project(path), into(path), { recursive: true, filter })
      }
      await symlink(project('node_modules'), join(source, 'node_modules'))
      await execute(process.execPath, [join(source, 'scripts/bundle.ts')])
      await cp(join(source, 'dist'), join(this.dir, this.dockerfile.folder), { recursive: true })
    } finally {
      await rm(source, { recursive: true })
    }
  }

  /** Bytes of each file below a folder of the image, by its path. */
  async sizes(folder: string): Promise<Record<string, number>> {
    const paths = await Array.fromAsync(glob('**/*', { cwd: join(this.dir, folder) }))
    const sizes = paths.map(async path => [path, await stat(join(this.dir, folder, path))] as const)
    const files = (await Promise.all(sizes)).filter(([, file]) => file.isFile())
    return Object.fromEntries(files.map(([path, { size }]) => [path, size]))
  }

  /** Gives pods the token and the CA of their ServiceAccount. */
  async mountToken(token: string, caPem: string): Promise<void> {
    await writeFile(join(this.dir, TOKEN_FOLDER, 'token'), token)
    await writeFile(join(this.dir, TOKEN_FOLDER, 'ca.crt'), caPem)
  }

  /** The command that runs `args` in the image; by default what the image runs. `env` goes with that of the image. */
  command(env: Record<string, string> = {}, args: readonly string[] = this.dockerfile.entrypoint): string[] {
    const variables = Object.entries({ ...this.dockerfile.env, ...env }).map(([name, value]) => `${name}=${value}`)
    const chroot = execFileSync('sh', ['-c', 'command -v chroot'], { encoding: 'utf8' }).trim()
    return [
      ...['env', `ROOT=${this.dir}`, 'unshare', '--mount', 'sh', '-ec', IN_ROOT, 'sh'],
      ...['env', '-i', ...variables, chroot, `--userspec=${this.dockerfile.user}`, '--groups=', this.dir, ...args],
    ]
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true })
  }
}

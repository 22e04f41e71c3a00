/** The S3 services that the conformance suite runs for real beside MinIO and moto, each built once into the cache. */
import { execFile } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from './cache.ts'
import { buildFlags, findProgram, go, goInstall, run } from './tools.ts'

export const versityVersion = 'v1.8.0'
/** SeaweedFS has no tags that are module versions; the program calls this commit 4.53. */
export const seaweedVersion = 'v0.0.0-20261109003541-7506e5f91cd6'
export const garageVersion = '2.5.0'

const execute = promisify(execFile)

export function versityBinary(): Promise<string> {
  return goInstall('versitygw', `github.com/versity/versitygw/cmd/versitygw@${versityVersion}`, 'about 1 minute')
}

/** Builds from a copy of the module: `go install` refuses a module with replace directives. */
export function seaweedBinary(): Promise<string> {
  const module = `github.com/seaweedfs/seaweedfs@${seaweedVersion}`
  const flags = [...buildFlags, '-ldflags', '-s -w']
  return cached({
    name: 'seaweedfs',
    inputs: [module, ...flags],
    proof: 'weed',
    announcement: `building ${module}, about 5 minutes the first time`,
    async build(directory) {
      const source = join(directory, 'source')
      await go(['mod', 'download', module], { env: { GOFLAGS: '-mod=mod' } })
      const { stdout } = await execute('go', ['env', 'GOMODCACHE'])
      await cp(join(stdout.trim(), module), source, { recursive: true })
      // The module cache is read-only, and so is a copy of it.
      await run('chmod', ['-R', 'u+w', source], {}, '')
      await go(['build', ...flags, '-o', join(directory, 'weed'), './weed'], { cwd: source })
      await rm(source, { recursive: true })
    },
  })
}

const needsCargo = 'Rust 1.95 or newer is needed to build Garage: install it from rustup.rs, and put cargo on PATH.'

export function garageBinary(): Promise<string> {
  const crate = `garage@${garageVersion}`
  return cached({
    name: 'garage',
    inputs: [crate],
    proof: 'bin/garage',
    announcement: `building the crate ${crate}, about 15 minutes the first time`,
    async build(directory) {
      const env = { CARGO_TARGET_DIR: join(directory, 'target') }
      await run('cargo', ['install', crate, '--locked', '--quiet', '--root', directory], { env }, needsCargo)
      await rm(env.CARGO_TARGET_DIR, { recursive: true })
    },
  })
}

/** The reason why Garage can't be built on this machine; undefined when it can. */
export const whyNoGarage = async (): Promise<string | undefined> =>
  findProgram('cargo') ? undefined : `the tests of Garage are skipped: PATH has no cargo. ${needsCargo}`

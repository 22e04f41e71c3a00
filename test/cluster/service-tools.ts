/** The S3 services that the conformance suite runs for real beside MinIO and moto, each built once into the cache. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { goBuildModule } from './go-module.ts'
import { findProgram, goInstall, run } from './tools.ts'

export const versityVersion = 'v1.8.0'
/** SeaweedFS has no tags that are module versions; the program calls this commit 4.53. */
export const seaweedVersion = 'v0.0.0-20261109003541-7506e5f91cd6'
export const garageVersion = '2.5.0'

export function versityBinary(): Promise<string> {
  return goInstall('versitygw', `github.com/versity/versitygw/cmd/versitygw@${versityVersion}`, 'about 1 minute')
}

export function seaweedBinary(): Promise<string> {
  const module = `github.com/seaweedfs/seaweedfs@${seaweedVersion}`
  return goBuildModule({ name: 'seaweedfs', module, program: 'weed', main: './weed', duration: 'about 5 minutes' })
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

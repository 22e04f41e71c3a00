/** The MinIO of all tests, as one of the services. */
import { join } from 'node:path'

import { type Minio, startMinio } from '../minio.ts'
import { Service } from '../processes.ts'
import { mcBinary, minioVersion } from '../tools.ts'
import { fullPolicy, type Issuer, keys, readPolicy, type S3Service } from './service.ts'

export async function startMinioService({ issuer, caPem: issuerCa }: Issuer): Promise<S3Service> {
  const mc = await mcBinary()
  const minio = await startMinio({ controlPlane: { server: issuer, caPem: issuerCa } })
  const { admin, endpoint, caPem, rootUser, rootPassword, roleArn } = minio
  try {
    for (const [name, policy] of [
      ['user', fullPolicy],
      ['reader', readPolicy],
    ] as const) {
      await admin.setPolicy(name, JSON.stringify(policy))
      await admin.createUser(keys[name].accessKeyId, keys[name].secretAccessKey, name)
    }
    return {
      ...{ version: releaseOf(minioVersion), endpoint, caPem, region: 'us-east-1' },
      keys: { ...keys, root: { accessKeyId: rootUser, secretAccessKey: rootPassword } },
      roles: { web: roleArn },
      watch: bucket => watch(minio, mc, bucket),
      stop: () => minio.stop(),
    }
  } catch (error) {
    await minio.stop()
    throw error
  }
}

/** MinIO's own client prints an event a line. */
function watch({ dir, endpoint, rootUser, rootPassword }: Minio, mc: string, bucket: string) {
  const { host } = new URL(endpoint)
  const client = new Service(
    `mc-watch-${bucket}`,
    { command: mc, args: [] },
    ['--config-dir', join(dir, 'mc'), '--json', 'watch', `test/${bucket}`],
    { logs: dir, env: { MC_HOST_test: `https://${rootUser}:${rootPassword}@${host}` } },
  )
  return {
    seen: () =>
      [...client.output().matchAll(/"path":"([^"]*)","type":"([^"]*)"/g)].map(([, path, type]) => `${type} ${path}`),
    stop: () => client.kill(),
  }
}

/** The day of a commit in the version of a Go module: `2026-02-12`. */
function releaseOf(version: string): string {
  const [, year, month, day] = /-(\d{4})(\d\d)(\d\d)\d{6}-/.exec(version) ?? []
  return `${year}-${month}-${day}`
}

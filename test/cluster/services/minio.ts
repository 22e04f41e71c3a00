/** The MinIO of all tests, as one of the services. */

import { startMinio } from '../minio.ts'
import { minioVersion } from '../tools.ts'
import { fullPolicy, type Issuer, keys, readPolicy, type S3Service } from './service.ts'

export async function startMinioService({ issuer, caPem: issuerCa }: Issuer): Promise<S3Service> {
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
      stop: () => minio.stop(),
    }
  } catch (error) {
    await minio.stop()
    throw error
  }
}

/** The day of a commit in the version of a Go module: `2026-02-12`. */
function releaseOf(version: string): string {
  const [, year, month, day] = /-(\d{4})(\d\d)(\d\d)\d{6}-/.exec(version) ?? []
  return `${year}-${month}-${day}`
}

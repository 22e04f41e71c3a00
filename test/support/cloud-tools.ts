/** The tools of clouds as printed commands call them: the real AWS CLI and mc at the services of tests. */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Minio } from '../cluster/minio.ts'
import type { Moto } from '../cluster/moto.ts'
import { type Key, may } from '../cluster/moto-admin.ts'
import { mcBinary, pythonWithClients } from '../cluster/tools.ts'

/** Puts a program of this name into a folder of PATH. `words`: what runs in its place; words have no apostrophes. */
export async function putTool(folder: string, name: string, words: readonly string[]): Promise<void> {
  const line = words.map(word => `'${word}'`).join(' ')
  await writeFile(join(folder, name), `#!/bin/sh\nexec ${line} "$@"\n`)
  await chmod(join(folder, name), 0o755)
}

/** Puts `aws` there. Returns the environment in which it is an administrator of the account. */
export async function putAwsCli(folder: string, { endpoint, admin }: Moto, account?: string) {
  await putTool(folder, 'aws', [await pythonWithClients(), '-m', 'awscli'])
  return awsEnvironment(endpoint, await admin.createUser('administrator', [may('*')], account))
}

export const awsEnvironment = (endpoint: string, key: Key): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
})

/** Puts `mc` there. Returns the environment in which the alias `local` is MinIO, as its root user. */
export async function putMc(folder: string, { endpoint, dir, rootUser, rootPassword }: Minio) {
  await putTool(folder, 'mc', [await mcBinary(), '--config-dir', join(dir, 'mc'), '--disable-pager'])
  const host = new URL(endpoint)
  host.username = rootUser
  host.password = rootPassword
  return { MC_HOST_local: host.href.replace(/\/$/, ''), MC_ALIAS: 'local' }
}

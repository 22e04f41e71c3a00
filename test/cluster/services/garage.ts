/** A real Garage with one node, whose keys may use single buckets: it has no policies and no STS. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, Service, Workspace } from '../processes.ts'
import { garageBinary, garageVersion } from '../service-tools.ts'
import { type Key, type S3Service, startIn } from './service.ts'

/** Garage takes keys only in its own form. */
const keyOf = (digit: string): Key => ({
  accessKeyId: `GK${digit.repeat(24)}`,
  secretAccessKey: digit.repeat(64),
})
const keys = { root: keyOf('a'), user: keyOf('b'), reader: keyOf('c') }

export async function startGarage(): Promise<S3Service> {
  const [garage, workspace] = await Promise.all([garageBinary(), Workspace.create('garage')])
  return startIn(workspace, async processes => {
    const { dir } = workspace
    const [rpc, port] = [await freePort(), await freePort()]
    const file = join(dir, 'garage.toml')
    await writeFile(file, configuration(dir, rpc, port))
    const server = new Service('garage', { command: garage, args: ['-c', file] }, ['server'], workspace)
    processes.push(server)
    const cli = async (...args: string[]) => (await promisify(execFile)(garage, ['-c', file, ...args])).stdout
    const node = await server.until('naming its node', async () =>
      (await cli('node', 'id', '-q')).split('@')[0]?.trim(),
    )
    await server.until('having a layout', async () => {
      await cli('layout', 'assign', '-z', 'dc1', '-c', '1G', node)
      return cli('layout', 'apply', '--version', '1')
    })
    for (const [name, { accessKeyId, secretAccessKey }] of Object.entries(keys)) {
      await server.until('having keys', () => cli('key', 'import', '--yes', '-n', name, accessKeyId, secretAccessKey))
    }
    for (const { accessKeyId } of [keys.root, keys.user]) await cli('key', 'allow', '--create-bucket', accessKeyId)
    return {
      ...{ version: garageVersion, endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', keys, roles: {} },
      // A bucket that is created by S3 has its name only for the key that has created it.
      async createBucket(name) {
        await cli('bucket', 'create', name)
        const owner = ['--read', '--write', '--owner']
        for (const { accessKeyId } of [keys.root, keys.user]) {
          await cli('bucket', 'allow', ...owner, name, '--key', accessKeyId)
        }
        await cli('bucket', 'allow', '--read', name, '--key', keys.reader.accessKeyId)
      },
    }
  })
}

const configuration = (dir: string, rpc: number, port: number): string => `
metadata_dir = "${join(dir, 'meta')}"
data_dir = "${join(dir, 'data')}"
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:${rpc}"
rpc_public_addr = "127.0.0.1:${rpc}"
rpc_secret = "${'5'.repeat(64)}"

[s3_api]
s3_region = "us-east-1"
api_bind_addr = "127.0.0.1:${port}"
`

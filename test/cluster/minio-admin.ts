/** MinIO as its administrator sees it: users and policies by `mc`, buckets and objects by the AWS SDK. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import https from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'

export interface MinioAdmin {
  createBucket(name: string, options?: { versioning?: boolean }): Promise<void>
  /** Removes the bucket with everything in it. */
  removeBucket(name: string): Promise<void>
  putObject(bucket: string, key: string, body: string | Uint8Array): Promise<void>
  /** Lists the keys of objects. */
  listObjects(bucket: string, prefix?: string): Promise<string[]>
  /** Lists object versions and delete markers, which a probe must not leave in a versioned bucket. */
  listVersions(bucket: string, prefix?: string): Promise<string[]>
  /** Lists open multipart uploads as `key uploadId`; MinIO knows only those made since its last start. */
  listUploads(bucket: string): Promise<string[]>
  /** Creates or replaces a named policy, with effect on running sessions at once. */
  setPolicy(name: string, policyJson: string): Promise<void>
  createUser(accessKey: string, secretKey: string, policyName: string): Promise<void>
  setUserEnabled(accessKey: string, enabled: boolean): Promise<void>
  removeUser(accessKey: string): Promise<void>
  /** Runs any other `mc` command; the alias of the server is `test`. */
  mc(...args: string[]): Promise<string>
  /** A client of the root user; it works until `close()` or until the root password changes. */
  s3(): S3Client
  close(): void
}

export interface MinioAdminOptions {
  readonly mc: string
  readonly dir: string
  readonly endpoint: string
  readonly caPem: string
  readonly rootUser: string
  rootPassword(): string
}

export function createMinioAdmin(options: MinioAdminOptions): MinioAdmin {
  const config = join(options.dir, 'mc')
  mkdirSync(join(config, 'certs/CAs'), { recursive: true })
  writeFileSync(join(config, 'certs/CAs/minio.crt'), options.caPem)
  const agent = new https.Agent({ ca: options.caPem, keepAlive: true })
  let client: { password: string; s3: S3Client } | undefined

  function s3(): S3Client {
    const password = options.rootPassword()
    if (client?.password === password) return client.s3
    client?.s3.destroy()
    const s3 = new S3Client({
      endpoint: options.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: options.rootUser, secretAccessKey: password },
      requestHandler: { httpsAgent: agent },
    })
    client = { password, s3 }
    return s3
  }

  async function mc(...args: string[]): Promise<string> {
    const host = new URL(options.endpoint)
    host.username = options.rootUser
    host.password = options.rootPassword()
    const env = { ...process.env, MC_HOST_test: host.href.replace(/\/$/, '') }
    const all = ['--config-dir', config, '--json', '--disable-pager', ...args]
    try {
      return (await promisify(execFile)(options.mc, all, { env, maxBuffer: 64 * 1024 * 1024 })).stdout
    } catch (error) {
      // With --json, mc writes the reason to stdout.
      const { stdout } = error as { stdout?: string }
      throw new Error(`mc ${args.slice(0, 3).join(' ')}: ${stdout || String(error)}`)
    }
  }

  return {
    mc,
    s3,
    close() {
      client?.s3.destroy()
      agent.destroy()
    },
    async createBucket(name, { versioning = false } = {}) {
      await s3().send(new CreateBucketCommand({ Bucket: name }))
      if (!versioning) return
      const enabled = { Status: 'Enabled' } as const
      await s3().send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: enabled }))
    },
    async removeBucket(name) {
      await mc('rb', '--force', `test/${name}`)
    },
    async putObject(bucket, key, body) {
      await s3().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
    },
    async listObjects(bucket, prefix = '') {
      const keys: string[] = []
      for await (const page of paginateListObjectsV2({ client: s3() }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key } of page.Contents ?? []) if (Key) keys.push(Key)
      }
      return keys
    },
    async listVersions(bucket, prefix = '') {
      const lines = (await mc('ls', '--recursive', '--versions', `test/${bucket}/${prefix}`)).trim().split('\n')
      return lines.filter(Boolean).map(line => {
        const { key, isDeleteMarker } = JSON.parse(line)
        return isDeleteMarker ? `${key} (delete marker)` : key
      })
    },
    async listUploads(bucket) {
      const { Uploads = [] } = await s3().send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      return Uploads.map(({ Key, UploadId }) => `${Key} ${UploadId}`)
    },
    async setPolicy(name, policyJson) {
      const file = join(config, `${name}.policy.json`)
      await writeFile(file, policyJson)
      await mc('admin', 'policy', 'create', 'test', name, file)
    },
    async createUser(accessKey, secretKey, policyName) {
      await mc('admin', 'user', 'add', 'test', accessKey, secretKey)
      await mc('admin', 'policy', 'attach', 'test', policyName, '--user', accessKey)
    },
    async setUserEnabled(accessKey, enabled) {
      await mc('admin', 'user', enabled ? 'enable' : 'disable', 'test', accessKey)
    },
    async removeUser(accessKey) {
      await mc('admin', 'user', 'remove', 'test', accessKey)
    },
  }
}

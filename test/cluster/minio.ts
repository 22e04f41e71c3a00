/** A real MinIO over TLS that trusts the ServiceAccount tokens of a control plane: IRSA without AWS. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificateAuthority } from './certificates.ts'
import { createCaller } from './https.ts'
import { createMinioAdmin, type MinioAdmin } from './minio-admin.ts'
import { freePort, Service, Workspace } from './processes.ts'
import { mcBinary, minioBinary } from './tools.ts'

export interface Minio {
  readonly endpoint: string
  readonly port: number
  readonly caPem: string
  readonly rootUser: string
  /** The root password since the last start. */
  readonly rootPassword: string
  /** The ARN of the role for web identities; empty when MinIO was started without a control plane. */
  readonly roleArn: string
  readonly dir: string
  readonly admin: MinioAdmin
  /** Kills MinIO and keeps its data for `start()`. */
  halt(): Promise<void>
  /** Starts MinIO at the same port with the same data. Another root password makes all earlier sessions invalid. */
  start(options?: { rootPassword?: string }): Promise<void>
  keepLogs(): void
  /** Stops MinIO and removes its data. */
  stop(): Promise<void>
}

export interface MinioOptions {
  /** The cluster whose tokens are accepted, for the audience `sts.amazonaws.com`. */
  readonly controlPlane?: { readonly server: string; readonly caPem: string }
  /** The policy `irsa` of web identities, which `admin.setPolicy` can replace. Default: everything is allowed. */
  readonly rolePolicy?: object
}

/** The policy of the role that web identities assume. */
export const rolePolicyName = 'irsa'
/** The key of MinIO's built-in KMS, for SSE-KMS. */
export const kmsKeyName = 'my-key'
export const tokenAudience = 'sts.amazonaws.com'

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::*' }],
}

export async function startMinio(options: MinioOptions = {}): Promise<Minio> {
  const [minio, mc, workspace] = await Promise.all([minioBinary(), mcBinary(), Workspace.create('minio')])
  let service: Service | undefined
  const halt = async () => {
    await service?.kill()
    service = undefined
  }

  try {
    const { dir } = workspace
    const port = await freePort()
    const endpoint = `https://127.0.0.1:${port}`
    const rootUser = 'root'
    let rootPassword = 'root-password'
    const caPem = await writeCertificates(dir, options.controlPlane?.caPem)
    const caller = createCaller(endpoint, { ca: caPem })
    let roleArn = ''

    const start = async (change: { rootPassword?: string } = {}) => {
      if (service) throw new Error('MinIO runs already: halt() it first')
      rootPassword = change.rootPassword ?? rootPassword
      const args = ['server', join(dir, 'data'), '--address', `127.0.0.1:${port}`, '--certs-dir', join(dir, 'certs')]
      const env = { ...baseEnvironment, MINIO_ROOT_USER: rootUser, MINIO_ROOT_PASSWORD: rootPassword }
      const started = new Service('minio', { command: minio, args: [] }, args, {
        logs: workspace.logs,
        env: { ...env, ...identityEnvironment(options.controlPlane?.server) },
      })
      service = started
      const live = async () => (await caller.request('GET', '/minio/health/cluster')).status === 200
      await started.until('being healthy', live)
      if (!options.controlPlane) return
      // MinIO prints this line only after it has read the issuer's keys.
      const roleLine = () => /arn:minio:iam:::role\/\S+/.exec(started.output())?.[0]
      roleArn = await started.until('printing the role of web identities', roleLine)
    }

    await start()
    const admin = createMinioAdmin({
      ...{ mc, dir, endpoint, caPem, rootUser },
      rootPassword: () => rootPassword,
    })
    await admin.setPolicy(rolePolicyName, JSON.stringify(options.rolePolicy ?? everything))
    return {
      ...{ endpoint, port, caPem, rootUser, dir, admin, halt, start },
      get rootPassword() {
        return rootPassword
      },
      get roleArn() {
        return roleArn
      },
      keepLogs: () => workspace.keepLogs(),
      async stop() {
        admin.close()
        caller.close()
        await halt()
        await workspace.remove()
      },
    }
  } catch (error) {
    await halt()
    await workspace.remove()
    throw error
  }
}

const baseEnvironment = {
  MINIO_BROWSER: 'off',
  MINIO_UPDATE: 'off',
  MINIO_SCANNER_SPEED: 'slowest',
  MINIO_KMS_SECRET_KEY: `${kmsKeyName}:${Buffer.alloc(32).toString('base64')}`,
}

function identityEnvironment(issuer: string | undefined): NodeJS.ProcessEnv {
  if (!issuer) return {}
  return {
    MINIO_IDENTITY_OPENID_ENABLE: 'on',
    MINIO_IDENTITY_OPENID_CONFIG_URL: `${issuer}/.well-known/openid-configuration`,
    MINIO_IDENTITY_OPENID_CLIENT_ID: tokenAudience,
    MINIO_IDENTITY_OPENID_ROLE_POLICY: rolePolicyName,
  }
}

async function writeCertificates(dir: string, trusted: string | undefined): Promise<string> {
  const authority = await createCertificateAuthority('test minio')
  const server = await authority.issueServer('minio')
  const certs = join(dir, 'certs')
  await mkdir(join(certs, 'CAs'), { recursive: true })
  await writeFile(join(certs, 'public.crt'), server.certPem)
  await writeFile(join(certs, 'private.key'), server.keyPem, { mode: 0o600 })
  if (trusted) await writeFile(join(certs, 'CAs/issuer.crt'), trusted)
  return authority.certPem
}

/** A real VersityGW over a folder, with users of its own and versions, or with its IAM service and STS. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createCertificateAuthority, type KeyAndCertificate } from '../certificates.ts'
import { freePort, Service, Workspace } from '../processes.ts'
import { versityBinary, versityVersion } from '../service-tools.ts'
import { pythonWithBoto3 } from '../tools.ts'
import { createSharedBucket, fullPolicy, keys, readPolicy, type S3Service, startIn } from './service.ts'

const execute = promisify(execFile)
const version = versityVersion.slice(1)
const account = (name: 'root' | 'user' | 'reader') => keys[name]
const administrator = ['--access', keys.root.accessKeyId, '--secret', keys.root.secretAccessKey]

/** VersityGW with its users in a folder: no STS. */
export async function startVersity(): Promise<S3Service> {
  const [command, workspace] = await Promise.all([versityBinary(), Workspace.create('versity')])
  return startIn(workspace, async processes => {
    const { dir } = workspace
    const endpoint = `http://127.0.0.1:${await freePort()}`
    const folder = join(dir, 'users')
    const [data, versions] = [join(dir, 'data'), join(dir, 'versions')]
    for (const path of [folder, data, versions]) await mkdir(path)
    const args = [
      ...['--port', new URL(endpoint).host, ...administrator, '--iam-dir', folder, '--health', '/healthz'],
      ...['posix', '--versioning-dir', versions, data],
    ]
    const server = new Service('versitygw', { command, args: [] }, args, workspace)
    processes.push(server)
    await server.until('being healthy', async () => (await fetch(`${endpoint}/healthz`)).ok)
    const admin = ['admin', ...administrator, '--endpoint-url', endpoint]
    for (const [name, role] of [
      ['user', 'admin'],
      ['reader', 'user'],
    ] as const) {
      const { accessKeyId, secretAccessKey } = account(name)
      const user = ['--access', accessKeyId, '--secret', secretAccessKey, '--role', role]
      await execute(command, [...admin, 'create-user', ...user])
    }
    const users = { user: keys.user.accessKeyId, reader: keys.reader.accessKeyId }
    const service = { version, endpoint, region: 'us-east-1', keys, roles: {} }
    return { ...service, createBucket: name => createSharedBucket(service, name, users) }
  })
}

/** VersityGW with its own IAM service: that has an STS, of which the binary trusts only public issuers of tokens. */
export async function startVersityIam(): Promise<S3Service> {
  const [command, workspace] = await Promise.all([versityBinary(), Workspace.create('versity-iam')])
  return startIn(workspace, async processes => {
    const { dir } = workspace
    const host = async () => `127.0.0.1:${await freePort()}`
    const [gateway, iam, between] = [await host(), await host(), await host()]
    const tls = await writeMutualTls(dir)
    for (const folder of ['users', 'data']) await mkdir(join(dir, folder))
    const start = async (name: string, at: string, args: string[]) => {
      const all = ['--port', at, ...administrator, '--health', '/healthz', ...args]
      const server = new Service(name, { command, args: [] }, all, workspace)
      processes.push(server)
      await server.until('being healthy', async () => (await fetch(`http://${at}/healthz`)).ok)
    }
    await start('versitygw-iam', iam, [
      ...['iam', '--dir', join(dir, 'users'), '--private-ports', between],
      ...['--private-cert', tls.server.cert, '--private-cert-key', tls.server.key, '--private-client-ca', tls.ca],
    ])
    await start('versitygw', gateway, [
      ...['--iam-standalone-endpoint', between, '--iam-standalone-server-ca', tls.ca],
      ...['--iam-standalone-client-cert', tls.client.cert, '--iam-standalone-client-cert-key', tls.client.key],
      ...['posix', join(dir, 'data')],
    ])
    const stsEndpoint = `http://${iam}`
    const [user, reader] = await makeUsers(stsEndpoint)
    return {
      ...{ version, endpoint: `http://${gateway}`, stsEndpoint, region: 'us-east-1' },
      ...{ keys: { root: keys.root, user, reader }, roles: {} },
    }
  })
}

/** Makes users by IAM, which chooses their keys. */
const MAKE_USERS = `
import boto3, json, sys
endpoint, access, secret, users = sys.argv[1:]
iam = boto3.client("iam", endpoint_url=endpoint, region_name="us-east-1",
    aws_access_key_id=access, aws_secret_access_key=secret)
keys = []
for name, policy in json.loads(users):
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys.append({"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]})
print(json.dumps(keys))
`

async function makeUsers(endpoint: string) {
  const { accessKeyId, secretAccessKey } = keys.root
  const users = JSON.stringify([
    ['user', fullPolicy],
    ['reader', readPolicy],
  ])
  const python = await pythonWithBoto3()
  const { stdout } = await execute(python, ['-c', MAKE_USERS, endpoint, accessKeyId, secretAccessKey, users])
  return JSON.parse(stdout)
}

/** Writes what the gateway and its IAM service know each other by; returns the paths. */
async function writeMutualTls(dir: string) {
  const authority = await createCertificateAuthority('test versity')
  const ca = join(dir, 'ca.crt')
  await writeFile(ca, authority.certPem)
  const write = async (name: string, { certPem, keyPem }: KeyAndCertificate) => {
    const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)]
    await writeFile(cert, certPem)
    await writeFile(key, keyPem, { mode: 0o600 })
    return { cert, key }
  }
  const server = await write('server', await authority.issueServer('iam'))
  const client = await write('client', await authority.issueClient('gateway'))
  return { ca, server, client }
}

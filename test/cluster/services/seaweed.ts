/** A real SeaweedFS with its STS, which trusts the ServiceAccount tokens of a cluster. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, Service, Workspace } from '../processes.ts'
import { seaweedBinary } from '../service-tools.ts'
import {
  fullPolicy,
  type Issuer,
  type Key,
  keys,
  readPolicy,
  type S3Service,
  startIn,
  tokenAudience,
  trustedSubject,
} from './service.ts'

const providerName = 'kubernetes'
const roleArn = (name: string): string => `arn:aws:iam::000000000000:role/${name}`

/** A user of the older kind, with actions instead of policies: credentials of GetFederationToken inherit nothing of it. */
export const classicKey: Key = {
  accessKeyId: 'TESTCLASSICXXXXXXXXX',
  secretAccessKey: 'secret-of-classic'.padEnd(40, '0'),
}

export async function startSeaweed(issuer: Issuer): Promise<S3Service> {
  const [weed, workspace] = await Promise.all([seaweedBinary(), Workspace.create('seaweed')])
  return startIn(workspace, async processes => {
    const { dir } = workspace
    // Each server also listens 10,000 ports higher, for gRPC.
    const [master, volume, filer, port] = [await freePort(), await freePort(), await freePort(), await freePort()]
    await mkdir(join(dir, 'data'))
    const files = { 's3.json': identities(), 'iam.json': iam(issuer, join(dir, 'issuer.crt')) }
    for (const [name, value] of Object.entries(files)) await writeFile(join(dir, name), JSON.stringify(value))
    await writeFile(join(dir, 'issuer.crt'), issuer.caPem)
    const args = [
      ...['server', `-dir=${join(dir, 'data')}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
      ...[`-master.port=${master}`, '-master.volumeSizeLimitMB=64', `-volume.port=${volume}`, '-volume.max=100'],
      ...['-filer', `-filer.port=${filer}`, '-s3', `-s3.port=${port}`],
      ...[`-s3.config=${join(dir, 's3.json')}`, `-s3.iam.config=${join(dir, 'iam.json')}`],
    ]
    const server = new Service('seaweedfs', { command: weed, args: [] }, args, workspace)
    processes.push(server)
    const endpoint = `http://127.0.0.1:${port}`
    await server.until('serving S3', async () => (await fetch(`${endpoint}/status`)).ok)
    return {
      ...{ version: '4.53', endpoint, region: 'us-east-1', keys },
      roles: {
        trusting: roleArn('trusting'),
        closed: roleArn('closed'),
        web: roleArn('web'),
        webOfOthers: roleArn('web-of-others'),
      },
    }
  })
}

/** Only who may call it gets credentials of GetFederationToken. */
const federation = { Effect: 'Allow', Action: ['sts:GetFederationToken'], Resource: ['*'] }

const identities = () => ({
  identities: [
    { name: 'root', credentials: [credentials(keys.root)], actions: ['Admin'] },
    { name: 'classic', credentials: [credentials(classicKey)], actions: ['Admin', 'Read', 'Write', 'List'] },
    { name: 'user', credentials: [credentials(keys.user)], policyNames: ['full'] },
    { name: 'reader', credentials: [credentials(keys.reader)], policyNames: ['read'] },
  ],
})

const credentials = ({ accessKeyId, secretAccessKey }: Key) => ({ accessKey: accessKeyId, secretKey: secretAccessKey })

function iam({ issuer }: Issuer, caFile: string) {
  const web = (subject: string) => ({
    Effect: 'Allow',
    // The provider's name: SeaweedFS does not know it by its issuer here.
    Principal: { Federated: providerName },
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Condition: { StringEquals: { 'oidc:sub': subject } },
  })
  const byUsers = (AWS: string) => ({ Effect: 'Allow', Principal: { AWS }, Action: ['sts:AssumeRole'] })
  const role = (roleName: string, statement: object) => ({
    ...{ roleName, roleArn: roleArn(roleName), attachedPolicies: ['full'] },
    trustPolicy: { Version: '2012-10-17', Statement: [statement] },
  })
  return {
    sts: {
      ...{ tokenDuration: '1h', maxSessionLength: '12h', issuer: 'seaweedfs' },
      signingKey: Buffer.alloc(32, 'k').toString('base64'),
    },
    policy: { defaultEffect: 'Deny', storeType: 'memory' },
    roleStore: { storeType: 'memory' },
    providers: [
      {
        ...{ name: providerName, type: 'oidc', enabled: true },
        config: { issuer, clientId: tokenAudience, jwksUri: `${issuer}/openid/v1/jwks`, tlsCaCert: caFile },
      },
    ],
    policies: [
      { name: 'full', document: { ...fullPolicy, Statement: [...fullPolicy.Statement, federation] } },
      { name: 'read', document: readPolicy },
    ],
    roles: [
      role('trusting', byUsers('arn:aws:iam::000000000000:user/user')),
      role('closed', byUsers('arn:aws:iam::000000000000:user/nobody')),
      role('web', web(trustedSubject)),
      role('web-of-others', web('system:serviceaccount:other:other')),
    ],
  }
}

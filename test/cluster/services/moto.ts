/** The strict moto of all tests, as one of the services: it stands for AWS, and clients find it by their environment. */
import { startMoto } from '../moto.ts'
import { ACCOUNT, may } from '../moto-admin.ts'
import { motoRequirements } from '../tools.ts'
import { type Issuer, type S3Service, tokenAudience, trustedSubject } from './service.ts'

export interface MotoService extends S3Service {
  /** For the process of an operator or a client. */
  readonly environment: Readonly<Record<string, string>>
}

export async function startMotoService({ issuer }: Issuer): Promise<MotoService> {
  const moto = await startMoto()
  const { admin, environment } = moto
  try {
    const host = issuer.replace('https://', '')
    await admin.createIssuer(issuer, tokenAudience)
    const web = (subject: string) => ({
      Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${host}` },
      Condition: { StringEquals: { [`${host}:sub`]: subject } },
    })
    const role = (name: string, trust: object) =>
      admin.createRole(name, { trust: [trust], may: [may(['s3:*', 'sts:*'])] })
    const keys = {
      root: await admin.createUser('root', [may('*')]),
      user: await admin.createUser('user', [may(['s3:*', 'sts:*'])]),
      reader: await admin.createUser('reader', [may(['s3:ListBucket', 's3:GetObject', 'sts:*'])]),
    }
    const byUser = (name: string) => ({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${name}` } })
    await admin.createUser('nobody', [])
    return {
      ...{ version: motoRequirements[0]?.split('==')[1] ?? '', region: 'us-east-1', keys, environment },
      roles: {
        trusting: await role('trusting', byUser('user')),
        closed: await role('closed', byUser('nobody')),
        web: await role('web', web(trustedSubject)),
        webOfOthers: await role('web-of-others', web('system:serviceaccount:other:other')),
      },
      stop: () => moto.stop(),
    }
  } catch (error) {
    await moto.stop()
    throw error
  }
}

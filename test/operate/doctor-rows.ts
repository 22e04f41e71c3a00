/** Broken set-ups of the tables of bad input whose cure lies in the cluster, and what people have at hand to cure them. */
import type { AwsInputWorld, Row } from '../e2e/bad-input/aws-world.ts'
import { bucketRows } from '../e2e/bad-input/bucket.suite.ts'
import { chainRows } from '../e2e/bad-input/chain.suite.ts'
import { endpointRows } from '../e2e/bad-input/endpoint.suite.ts'
import { identityRows } from '../e2e/bad-input/identity.suite.ts'
import { storeRows } from '../e2e/bad-input/store.suite.ts'
import type { Curable } from './doctor-cures.ts'

type OnAws = Curable<AwsInputWorld>

const ALL = [...identityRows, ...endpointRows, ...chainRows, ...storeRows, ...bucketRows]
const rowOf = (name: string): Row => {
  const row = ALL.find(one => one.name === name)
  if (!row) throw new Error(`no row of bad input is called ${name}`)
  return row
}

const AT_MINIO = { path: 's3://bad/cured' }

/** By the name of the row. */
const CURABLE: Readonly<Record<string, Omit<OnAws, 'row'>>> = {
  // Secrets and keys.
  'secret-missing': {},
  'secret-unlabelled': {},
  'key-missing': {},
  'key-empty': {},
  'key-blank': {},
  'session-token-wrong': {},
  // ServiceAccounts and roles.
  'service-account-missing': {},
  'audience-not-allowed': {},
  'role-not-set': {},
  'role-annotation-malformed': {},
  // Certificates.
  'ca-missing': { store: AT_MINIO },
  'ca-unlabelled': { store: AT_MINIO },
  'ca-key-missing': { store: AT_MINIO },
  'ca-not-pem': { store: AT_MINIO },
  // Ways to issue credentials.
  'federation-of-a-temporary-key': {},
  'assume-role-without-role': {},
  'minio-sessiontoken': { store: AT_MINIO },
  'minio-federationtoken': { store: AT_MINIO },
  'longer-than-a-chain': {},
  'longer-than-the-role': {},
  // Connectors of others.
  'connector-suspended': {},
  'connector-failing': {},
  'bucket-not-lent': {},
  'identity-not-lent': {},
  'bucket-setup-not-lent': {},
  // Other stores.
  'second-default': {},
  'secret-of-others': {},
  'secret-of-another-store': {},
  'secret-twice': {},
  'usage-without-cloudwatch': { condition: 'UsageMeasured' },
  // Buckets.
  'bucket-missing': {},
  'minio-bucket-missing': {},
  'bucket-elsewhere': {},
  'permission-not-known': {},
  'versioning-denied': {},
  'expiration-denied': {},
}

export const curable: OnAws[] = Object.entries(CURABLE).map(([name, rest]) => ({ row: rowOf(name), ...rest }))

/** The only connector in the namespace is meant: the first of all. */
export const alone: OnAws = { row: rowOf('connector-missing') }

/** What the commands read of the environment: a key of a user that may do everything, and a role that all may be. */
export async function atHand({ admin, controlPlane, secrets }: AwsInputWorld): Promise<Record<string, string>> {
  const everything = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
  const key = await admin.createUser('at-hand', everything)
  await admin.createIssuer(controlPlane.issuer, 'sts.amazonaws.com')
  const provider = controlPlane.issuer.replace('https://', '')
  const trust = ['runner', 'nobody', 'role-annotation-malformed'].map(account => ({
    Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${provider}` },
    Condition: { StringEquals: { [`${provider}:sub`]: `system:serviceaccount:bad:${account}` } },
  }))
  const role = await admin.createRole('any', { trust, may: everything })
  secrets.add(key.secretAccessKey)
  return { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey, AWS_ROLE_ARN: role }
}

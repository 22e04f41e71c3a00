/** What needs somebody's word: what a connector lends, and what a store may delete. */
import { type Case, casesOf } from './crd-cases.ts'

const connector = casesOf('ServiceConnector', { aws: { auth: { webIdentity: { serviceAccountName: 'runner' } } } })
const store = casesOf('ArtifactStore', { path: 's3://mlx/prod', connectorRef: { name: 'aws' } })

export const lendingCases: Case[] = [
  connector.accepts('everything lent', {
    lend: { webIdentity: true, bucketSetup: true, wholeContainer: true, static: true },
  }),
  connector.accepts('nothing lent', { lend: {} }),
  connector.refuses(
    'lent in words',
    { lend: { webIdentity: 'yes' } },
    { server: 'must be of type boolean', code: 'has the wrong type' },
  ),
]

export const expirationCases: Case[] = [
  ...['s3://mlx', 's3://mlx/'].flatMap(path => [
    store.refuses(
      `expiration of everything in ${path}`,
      { path, bucket: { expirationDays: 3 } },
      'confirm it by bucket.expirationOfWholeBucket: true',
    ),
    store.refuses(
      `expiration of everything in ${path}, denied`,
      { path, bucket: { expirationDays: 3, expirationOfWholeBucket: false } },
      'bucket.expirationDays would delete all objects of the bucket',
    ),
    store.accepts(`expiration of everything in ${path}, confirmed`, {
      path,
      bucket: { expirationDays: 3, expirationOfWholeBucket: true },
    }),
    store.accepts(`no expiration in ${path}`, { path, bucket: { create: true } }),
  ]),
  store.accepts('expiration below a prefix', { path: 's3://mlx/a', bucket: { expirationDays: 3 } }),
]

/** Cases of ArtifactStores, valid and invalid ones. */
import { type Case, casesOf, missing, tooLong, unknownValue } from './crd-cases.ts'
import { PATH_CASES } from './crd-cases-path.ts'

const { accepts, refuses, acceptsUpdate, refusesUpdate } = casesOf('ArtifactStore', {
  path: 's3://mlx/prod',
  connectorRef: { name: 'aws' },
})

const AZURE = 'abfss://mlx@account1.dfs.core.windows.net/prod'

const entry = (change: object) => ({ credentials: [{ name: 'step', formats: ['Env'], ...change }] })

const references: Case[] = [
  accepts('connector of another namespace', { connectorRef: { name: 'aws', namespace: 'platform' } }),
  refuses('no connectorRef', { connectorRef: undefined }, missing('spec.connectorRef')),
  refuses('connectorRef without name', { connectorRef: {} }, missing('spec.connectorRef.name')),
  refuses('connectorRef in upper case', { connectorRef: { name: 'AWS' } }, 'name must be the name of an object'),
  refuses(
    'namespace with a dot',
    { connectorRef: { name: 'a', namespace: 'a.b' } },
    'namespace must have only lower-case',
  ),
  acceptsUpdate('connectorRef', {}, { connectorRef: { name: 'other' } }),
  { ...accepts('name of 63 characters', {}), objectName: 'a'.repeat(63) },
  {
    ...refuses('name of 64 characters', {}, { server: 'metadata.name has more than 63 characters' }),
    objectName: 'a'.repeat(64),
  },
]

const displayNames: Case[] = [
  accepts('displayName', { displayName: 'Produktion für alle 🚀' }),
  refuses('empty displayName', { displayName: '' }, { server: 'at least 1 char', code: 'needs at least 1 character' }),
  refuses('displayName of 129 characters', { displayName: 'a'.repeat(129) }, tooLong(128)),
  refusesUpdate('displayName', { displayName: 'a' }, { displayName: 'b' }, 'displayName is immutable'),
  refusesUpdate('added displayName', {}, { displayName: 'b' }, 'displayName is immutable'),
  refusesUpdate(
    'removed displayName',
    { displayName: 'a' },
    {},
    'displayName is immutable: create another ArtifactStore',
  ),
]

const bucketAndEncryption: Case[] = [
  accepts('bucket', { bucket: { create: true, region: 'eu-west-1', versioning: 'Enabled', expirationDays: 30 } }),
  accepts('bucket on Azure', { path: AZURE, bucket: { create: true } }),
  refuses('region with an underscore', { bucket: { region: 'us_east' } }, 'region must be the code of a region'),
  refuses(
    'versioning as boolean',
    { bucket: { versioning: true } },
    { server: 'must be of type string', code: 'has an unknown value' },
  ),
  refuses(
    'expiration after no day',
    { bucket: { expirationDays: 0 } },
    { server: 'greater than or equal to 1', code: 'needs at least 1' },
  ),
  refuses(
    'half a day',
    { bucket: { expirationDays: 0.5 } },
    { server: 'must be of type integer', code: 'has the wrong type' },
  ),
  refuses(
    'lifecycle on Azure',
    { path: 'az://mlx', bucket: { expirationDays: 3 } },
    'expirationDays need an s3:// path',
  ),
  accepts('SSE-KMS with key', { encryption: { type: 'SSE-KMS', kmsKeyId: 'alias/ml' } }),
  accepts('SSE-S3', { encryption: { type: 'SSE-S3' } }),
  refuses('SSE-KMS without key', { encryption: { type: 'SSE-KMS' } }, 'encryption.kmsKeyId belongs to type SSE-KMS'),
  refuses('SSE-S3 with key', { encryption: { type: 'SSE-S3', kmsKeyId: 'a' } }, 'encryption.kmsKeyId belongs to type'),
  refuses('encryption without type', { encryption: { kmsKeyId: 'a' } }, missing('spec.encryption.type')),
  refuses('unknown encryption', { encryption: { type: 'AES' } }, unknownValue('None, SSE-S3, SSE-KMS')),
  refuses(
    'KMS key with a space',
    { encryption: { type: 'SSE-KMS', kmsKeyId: 'a b' } },
    'kmsKeyId must be the id, alias',
  ),
  refuses(
    'encryption on Azure',
    { path: 'az://mlx', encryption: { type: 'SSE-S3' } },
    'encryption needs an s3:// path',
  ),
]

const measuring: Case[] = [
  accepts('verification', { verification: { interval: '1h30m', writeProbe: 'None', require: ['s3:GetObject'] } }),
  accepts('interval of a minute', { verification: { interval: '60s' } }),
  refuses('interval of a second', { verification: { interval: '1s' } }, 'interval must be a duration from 1m to 24h'),
  refuses('interval of two days', { verification: { interval: '48h' } }, 'interval must be a duration from 1m to 24h'),
  refuses('interval without unit', { verification: { interval: '600' } }, 'interval must be a duration'),
  refuses('interval in days', { verification: { interval: '1d' } }, 'write hours, minutes and seconds such as "1h30m"'),
  refuses('unknown probe', { verification: { writeProbe: 'Put' } }, unknownValue('Multipart, Object, None')),
  refuses('permission without service', { verification: { require: ['GetObject'] } }, 'require must list permissions'),
  refuses(
    'permission twice',
    { verification: { require: ['s3:A', 's3:A'] } },
    { server: 'Duplicate value', code: 'require has an entry twice' },
  ),
  refuses(
    'no permission',
    { verification: { require: [] } },
    { server: 'at least 1 item', code: 'needs at least 1 entry' },
  ),
  accepts('usage', { usage: { source: 'CloudWatch', interval: '24h' } }),
  refuses('usage without source', { usage: { interval: '1h' } }, missing('spec.usage.source')),
  refuses(
    'usage every minute',
    { usage: { source: 'List', interval: '1m' } },
    'interval must be a duration from 5m to 168h',
  ),
  refuses(
    'CloudWatch on Azure',
    { path: 'az://mlx', usage: { source: 'CloudWatch' } },
    'CloudWatch needs an s3:// path',
  ),
]

const credentials: Case[] = [
  accepts('credentials', {
    credentials: [
      {
        name: 'orchestrator',
        secretName: 'artifacts',
        namespaces: { names: ['ml', 'ci'], selector: { matchLabels: { team: 'ml' } } },
        access: 'ReadOnly',
        subPath: 'runs/nightly',
        duration: '12h',
        mountPath: '/var/run/artifact-store',
        formats: ['AwsProfile', 'Env', 'ZenML'],
      },
      { name: 'step', formats: ['WebIdentity'] },
    ],
  }),
  accepts('selector of every namespace', entry({ namespaces: { selector: {} } })),
  accepts('Azure formats', { path: 'az://mlx', ...entry({ formats: ['Env', 'ZenML', 'Hadoop'] }) }),
  refuses('entry without name', entry({ name: undefined }), missing('spec.credentials[0].name')),
  refuses('entry with bad name', entry({ name: 'Step' }), 'name must have only lower-case letters, digits'),
  refuses('entry without formats', entry({ formats: undefined }), missing('spec.credentials[0].formats')),
  refuses('no format', entry({ formats: [] }), { server: 'at least 1 item', code: 'needs at least 1 entry' }),
  refuses('format twice', entry({ formats: ['Env', 'Env'] }), {
    server: 'Duplicate value',
    code: 'formats has an entry twice',
  }),
  refuses('unknown format', entry({ formats: ['Ini'] }), unknownValue('AwsProfile, Env')),
  accepts('a web identity beside files', entry({ formats: ['WebIdentity', 'ZenML', 'Rclone'] })),
  ...['AwsProfile', 'Env', 'Turborepo'].map(format =>
    refuses(`WebIdentity and ${format}`, entry({ formats: [format, 'WebIdentity'] }), 'SDKs would use only one'),
  ),
  refuses(
    'S3 format on Azure',
    { path: 'az://mlx', ...entry({ formats: ['AwsProfile'] }) },
    'credentials has a format for S3 only',
  ),
  refuses('secretName with underscore', entry({ secretName: 'a_b' }), 'secretName must be the name of an object'),
  refuses('secretName without room for -env', entry({ secretName: 'a'.repeat(250) }), tooLong(249)),
  refuses('unknown access', entry({ access: 'Admin' }), unknownValue('ReadWrite, ReadOnly, WriteOnly')),
  refuses('duration of 14 minutes', entry({ duration: '14m59s' }), 'duration must be a duration from 15m to 12h'),
  refuses('empty duration', entry({ duration: '' }), { server: 'at least 1 char', code: 'needs at least 1 character' }),
  refuses('duration over 12 hours', entry({ duration: '12h1s' }), 'duration must be a duration from 15m to 12h'),
  refuses('relative mountPath', entry({ mountPath: 'var/run' }), 'mountPath must be an absolute path'),
  refuses('mountPath with ..', entry({ mountPath: '/var/../etc' }), 'mountPath must be an absolute path'),
  refuses('mountPath with a shell word', entry({ mountPath: '/var; rm -rf /' }), 'mountPath must be an absolute path'),
  refuses('absolute subPath', entry({ subPath: '/runs' }), 'subPath must be a prefix such as "team/run"'),
  refuses('subPath with ..', entry({ subPath: 'a/../b' }), 'subPath must be a prefix'),
  refuses('subPath with a wildcard', entry({ subPath: 'a*' }), 'subPath must be a prefix'),
  refuses('empty namespaces', entry({ namespaces: {} }), 'namespaces needs names, selector or both'),
  refuses('bad namespace', entry({ namespaces: { names: ['A'] } }), 'names must have only lower-case letters'),
  refuses(
    'name twice',
    {
      credentials: [
        { name: 'a', formats: ['Env'] },
        { name: 'a', formats: ['Env'] },
      ],
    },
    { server: 'Duplicate value', code: 'credentials has a name twice' },
  ),
  refuses(
    'secretName twice',
    {
      credentials: [
        { name: 'a', secretName: 's', formats: ['Env'] },
        { name: 'b', secretName: 's', formats: ['Env'] },
      ],
    },
    'credentials has a secretName twice',
  ),
]

const audience: Case[] = [
  accepts('namespaces by label', {
    allowedNamespaces: {
      from: 'Selector',
      selector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['ml'] }] },
    },
  }),
  accepts('all namespaces', { allowedNamespaces: { from: 'All' } }),
  refuses(
    'Selector without selector',
    { allowedNamespaces: { from: 'Selector' } },
    'allowedNamespaces.selector belongs to',
  ),
  refuses(
    'selector without Selector',
    { allowedNamespaces: { selector: {} } },
    'allowedNamespaces.selector belongs to',
  ),
  refuses(
    'In without values',
    { allowedNamespaces: { from: 'Selector', selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } },
    'values belongs to the operators In and NotIn',
  ),
  refuses(
    'Exists with values',
    {
      allowedNamespaces: {
        from: 'Selector',
        selector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
      },
    },
    'values belongs to the operators In and NotIn',
  ),
  acceptsUpdate('what is mutable', { default: false }, { default: true, deletionProtection: true, suspend: true }),
]

export const storeCases: Case[] = [
  ...PATH_CASES,
  ...references,
  ...displayNames,
  ...bucketAndEncryption,
  ...measuring,
  ...credentials,
  ...audience,
]

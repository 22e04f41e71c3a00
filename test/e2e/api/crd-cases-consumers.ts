/** What a store says to consumers: options of their clients, and keys under names of their own. */
import { azureOptions, clientOptions } from '../../support/materials.ts'
import { type Case, casesOf, unknownValue } from './crd-cases.ts'

const { accepts, refuses } = casesOf('ArtifactStore', { path: 's3://mlx/prod', connectorRef: { name: 'aws' } })

const AZURE = { path: 'az://mlx' }
const entry = (change: object) => ({ credentials: [{ name: 'step', formats: ['Keys'], ...change }] })
const keys = (names: object, change: object = {}) => entry({ keys: names, ...change })
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`A${index}`, 'uri']))

const options: Case[] = [
  accepts('all client options', { clientOptions }),
  accepts('no client options', { clientOptions: {} }),
  accepts('client options of Azure', { ...AZURE, clientOptions: azureOptions }),
  ...Object.entries(clientOptions)
    .filter(([name]) => !(name in azureOptions))
    .map(([name, value]) =>
      refuses(
        `client option ${name} on Azure`,
        { ...AZURE, clientOptions: { [name]: value } },
        'with an Azure path only maxAttempts, connectTimeout, readTimeout can be set',
      ),
    ),
  refuses(
    'an ACL that gives objects to everybody',
    { clientOptions: { acl: 'public-read' } },
    unknownValue('private, bucket-owner-read, bucket-owner-full-control'),
  ),
  refuses('other checksums', { clientOptions: { checksums: 'Never' } }, unknownValue('WhenRequired, WhenSupported')),
  refuses(
    'no attempts',
    { clientOptions: { maxAttempts: 0 } },
    { server: 'greater than or equal to 1', code: 'needs at least 1' },
  ),
  refuses('a timeout without unit', { clientOptions: { readTimeout: '30' } }, 'readTimeout must be a duration'),
  refuses(
    'a storage class in small letters',
    { clientOptions: { storageClass: 'standard' } },
    'storageClass must be a class of S3 in capital letters',
  ),
]

const named: Case[] = [
  accepts('keys by names of any tool', keys({ 'my.token': 'sessionToken', _x: 'uri' })),
  accepts('keys by names of SDKs, alone', keys({ AWS_ACCESS_KEY_ID: 'accessKeyId', config: 'uri' })),
  accepts('keys beside a format', keys({ WANDB_KEY: 'accessKeyId' }, { formats: ['Env', 'Keys'] })),
  accepts('keys on Azure', { ...AZURE, ...keys({ AZURE_STORAGE_ACCESS_KEY: 'sasToken', A: 'endpoint' }) }),
  accepts('the most keys', keys(many(32))),
  accepts('the longest name of a key', keys({ ['a'.repeat(253)]: 'uri' })),
  refuses('keys without their format', entry({ formats: ['Env'], keys: { A: 'uri' } }), 'keys belongs to format Keys'),
  refuses('format Keys without keys', entry({}), 'keys belongs to format Keys'),
  refuses('no keys', keys({}), { server: 'should have at least 1 properties', code: 'keys needs 1 to 32 names' }),
  refuses('too many keys', keys(many(33)), { server: 'must have at most 32 items', code: 'keys needs 1 to 32 names' }),
  ...['a b', 'a/b', '..', '.', '..data', 'a'.repeat(254)].map(name =>
    refuses(`key "${name.slice(0, 10)}"`, keys({ [name]: 'uri' }), 'keys has a name that no key of a Secret can have'),
  ),
  refuses("key of another format's name", keys({ AWS_REGION: 'region' }, { formats: ['Env', 'Keys'] }), {
    server: 'keys has a name that another format uses',
    code: 'keys has a name that another format uses',
  }),
  refuses(
    "key of another format's file",
    keys({ config: 'uri' }, { formats: ['Keys', 'AwsProfile'] }),
    'or give Keys an entry of its own',
  ),
  refuses('key with a value that is none', keys({ A: 'password' }), unknownValue('accessKeyId, secretAccessKey')),
  refuses('value of Azure in a key on S3', keys({ A: 'sasToken' }), 'keys has a value that only Azure knows'),
  refuses('value of S3 in a key on Azure', { ...AZURE, ...keys({ A: 'region' }) }, 'that only S3 knows'),
]

export const consumerCases: Case[] = [...options, ...named]

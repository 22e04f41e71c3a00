/** Cases of ServiceConnectors for S3, valid and invalid ones. Those for Azure are in crd-cases-azure.ts. */
import { type Case, casesOf, missing, unknownValue } from './crd-cases.ts'

const WEB_IDENTITY = { webIdentity: { serviceAccountName: 'reader' } }
const ROLE = 'arn:aws:iam::123456789012:role/artifacts'

const { accepts, refuses, acceptsUpdate, refusesUpdate } = casesOf('ServiceConnector', { aws: { auth: WEB_IDENTITY } })

const aws = (change: object) => ({ aws: { auth: WEB_IDENTITY, ...change } })
const role = (roleArn: string) => aws({ auth: { webIdentity: { serviceAccountName: 'reader', roleArn } } })
const accessKey = (change = {}) => ({ auth: { accessKey: { secretName: 'key', ...change } } })
const ON_AZURE = { azure: { accountName: 'account1', auth: { workloadIdentity: { serviceAccountName: 'reader' } } } }

const BAD_ENDPOINT = 'endpoint must be an http(s) URL of a host only'
const NEW_CONNECTOR = 'create another ServiceConnector and point the stores to it'

const providers: Case[] = [
  accepts('aws', {}),
  refuses('no provider', { aws: undefined }, 'spec needs exactly one of aws, azure'),
  refuses('two providers', ON_AZURE, 'spec needs exactly one of aws, azure'),
  refuses('no auth', { aws: {} }, missing('spec.aws.auth')),
  refuses('empty auth', { aws: { auth: {} } }, 'auth needs exactly one of webIdentity, accessKey, implicit'),
  refuses(
    'two ways to authenticate',
    aws({ auth: { ...WEB_IDENTITY, implicit: {} } }),
    'auth needs exactly one of webIdentity',
  ),
  refusesUpdate(
    'provider',
    {},
    { aws: undefined, ...ON_AZURE },
    `spec can't change between aws and azure: ${NEW_CONNECTOR}`,
  ),
  refusesUpdate('AWS method', {}, aws(accessKey()), `auth can't change its method: ${NEW_CONNECTOR}`),
]

const webIdentity: Case[] = [
  ...[
    ROLE,
    'arn:aws-cn:iam::123456789012:role/a/b',
    'arn:aws-us-gov:iam::123456789012:role/a',
    'arn:minio:iam:::role/nOybJqMNzNmroqEKq5D0EUsRZw0',
    'arn:minio:iam:eu-north-1::role/oxnUw3DAuQF1uggjXGxI2AmW8IA',
  ].map(arn => accepts(`role ${arn}`, role(arn))),
  accepts('audience', aws({ auth: { webIdentity: { serviceAccountName: 'a', audience: 'minio' } } })),
  refuses('ARN of a user', role('arn:aws:iam::123456789012:user/a'), 'roleArn must be the ARN of a role'),
  refuses('name of a role', role('artifacts'), 'roleArn must be the ARN of a role'),
  refuses(
    'no ServiceAccount',
    aws({ auth: { webIdentity: {} } }),
    missing('spec.aws.auth.webIdentity.serviceAccountName'),
  ),
  refuses(
    'ServiceAccount of another namespace',
    aws({ auth: { webIdentity: { serviceAccountName: 'kube-system/admin' } } }),
    'serviceAccountName must be the name of an object',
  ),
  refusesUpdate('role', role(ROLE), role(`${ROLE}2`), `roleArn is immutable: ${NEW_CONNECTOR}`),
  refusesUpdate('added role', {}, role(ROLE), 'roleArn is immutable'),
  refusesUpdate('removed role', role(ROLE), {}, 'roleArn is immutable'),
  refusesUpdate(
    'ServiceAccount',
    {},
    aws({ auth: { webIdentity: { serviceAccountName: 'admin' } } }),
    'serviceAccountName is immutable',
  ),
  acceptsUpdate('audience', {}, aws({ auth: { webIdentity: { serviceAccountName: 'reader', audience: 'minio' } } })),
]

const keys: Case[] = [
  accepts(
    'access key',
    aws(accessKey({ accessKeyIdKey: 'id', secretAccessKeyKey: 'secret.key', sessionTokenKey: 'T_1' })),
  ),
  accepts('implicit', aws({ auth: { implicit: {} } })),
  accepts(
    'implicit with a chain whose later roles are told what they ask for',
    aws({
      auth: { implicit: {} },
      assumeRoles: [
        { roleArn: ROLE, tags: { team: 'ml' } },
        { roleArn: ROLE, externalId: 'theirs', sessionName: 'artifacts', sourceIdentity: 'ml' },
      ],
    }),
  ),
  ...Object.entries({ externalId: 'mine', sessionName: 'platform', sourceIdentity: 'platform' }).map(
    ([member, value]) =>
      refuses(
        `implicit with ${member} for the first role`,
        aws({ auth: { implicit: {} }, assumeRoles: [{ roleArn: ROLE, [member]: value }] }),
        'remove its externalId, sessionName and sourceIdentity',
      ),
  ),
  ...[{ implicit: {} }, accessKey().auth].flatMap(auth => [
    refuses(
      `external id of the operator, by ${Object.keys(auth)[0]}`,
      aws({ auth, assumeRoles: [{ roleArn: ROLE }, { roleArn: ROLE, externalId: 'artifactstore.dev/a/b/c' }] }),
      "externalId can't begin with artifactstore.dev/",
    ),
    refuses(
      `tag of the operator, by ${Object.keys(auth)[0]}`,
      aws({ auth, assumeRoles: [{ roleArn: ROLE, tags: { 'artifactstore.dev/namespace': 'b' } }] }),
      "tags can't have keys that begin with artifactstore.dev/",
    ),
  ]),
  refuses('no Secret', aws(accessKey({ secretName: undefined })), missing('spec.aws.auth.accessKey.secretName')),
  refuses('Secret as a path', aws(accessKey({ secretName: '../key' })), 'secretName must be the name of an object'),
  ...['accessKeyIdKey', 'secretAccessKeyKey', 'sessionTokenKey'].map(member =>
    refuses(`${member} as a path`, aws(accessKey({ [member]: 'a/b' })), `${member} must be the key of a Secret`),
  ),
  acceptsUpdate('Secret', aws(accessKey()), aws(accessKey({ secretName: 'rotated', accessKeyIdKey: 'id' }))),
]

const service: Case[] = [
  accepts(
    'MinIO',
    aws({
      region: 'us-east-1',
      endpoint: 'https://minio.storage.svc:9000',
      stsEndpoint: 'http://10.0.0.1:9000',
      addressingStyle: 'Path',
      caBundle: { configMapKeyRef: { name: 'ca', key: 'root.pem' } },
    }),
  ),
  accepts('IPv6 endpoint', aws({ endpoint: 'https://[fd00::1]:9000' })),
  accepts('variants of the endpoints of AWS', aws({ useDualstackEndpoint: true, useFipsEndpoint: true })),
  accepts('variants that are off', aws({ endpoint: 'https://minio', useDualstackEndpoint: false })),
  ...['useDualstackEndpoint', 'useFipsEndpoint'].map(member =>
    refuses(
      `${member} with an endpoint`,
      aws({ endpoint: 'https://minio', [member]: true }),
      `${member} chooses among the endpoints of AWS, and endpoint is another: remove one of them`,
    ),
  ),
  refuses('endpoint without scheme', aws({ endpoint: 'minio:9000' }), BAD_ENDPOINT),
  refuses('endpoint of another scheme', aws({ endpoint: 'ftp://minio' }), BAD_ENDPOINT),
  refuses('endpoint with user', aws({ endpoint: 'https://user:pw@minio' }), BAD_ENDPOINT),
  refuses('endpoint with query', aws({ endpoint: 'https://minio?a=b' }), BAD_ENDPOINT),
  refuses('endpoint with path', aws({ endpoint: 'https://minio/s3' }), BAD_ENDPOINT),
  refuses('endpoint with final slash', aws({ endpoint: 'https://minio/' }), 'without user, path, query or final slash'),
  refuses('endpoint with a line break', aws({ endpoint: 'https://minio\n' }), BAD_ENDPOINT),
  refuses('stsEndpoint with path', aws({ stsEndpoint: 'https://minio/sts' }), 'stsEndpoint must be an http(s) URL'),
  accepts('region of OpenStack', aws({ region: 'RegionOne', endpoint: 'https://rgw.example' })),
  refuses(
    'region of OpenStack without endpoint',
    aws({ region: 'RegionOne' }),
    'region must be the code of a region of AWS',
  ),
  refuses(
    'region with an underscore',
    aws({ region: 'us_east', endpoint: 'https://s3.example' }),
    'SDKs sign no other',
  ),
  refuses('region with a space', aws({ region: 'us east' }), 'region must be the code of a region'),
  refuses('unknown addressing style', aws({ addressingStyle: 'path' }), unknownValue('Auto, Path, Virtual')),
  refuses(
    'caBundle without reference',
    aws({ caBundle: {} }),
    'caBundle needs exactly one of configMapKeyRef, secretKeyRef',
  ),
  refuses(
    'key of caBundle as a path',
    aws({ caBundle: { secretKeyRef: { name: 'a', key: 'a/b' } } }),
    'key must be the key of a Secret',
  ),
  refuses(
    'caBundle with two references',
    aws({ caBundle: { configMapKeyRef: { name: 'a' }, secretKeyRef: { name: 'a' } } }),
    'caBundle needs exactly one of configMapKeyRef, secretKeyRef',
  ),
]

const chain = (...steps: object[]) => aws({ assumeRoles: steps })
const CHAIN = "assumeRoles can't change its role ARNs"

const roles: Case[] = [
  accepts(
    'chain',
    chain(
      {
        roleArn: ROLE,
        externalId: 'team:42/x',
        sessionName: 'artifacts',
        sourceIdentity: 'operator',
        tags: { team: 'ml' },
      },
      { roleArn: `${ROLE}2` },
    ),
  ),
  accepts('federation', aws({ ...accessKey(), issue: 'FederationToken' })),
  accepts('AssumeRole with web identity', aws({ issue: 'AssumeRole' })),
  refuses('step without role', chain({ externalId: 'abc' }), missing('spec.aws.assumeRoles[0].roleArn')),
  refuses('external id with a space', chain({ roleArn: ROLE, externalId: 'a b' }), 'externalId must have 2 to 1224'),
  refuses('session name of one letter', chain({ roleArn: ROLE, sessionName: 'a' }), 'sessionName must have 2 to 64'),
  refuses(
    'source identity with a colon',
    chain({ roleArn: ROLE, sourceIdentity: 'a:b' }),
    'sourceIdentity must have 2 to 64',
  ),
  refuses('chain of six', chain(...Array.from({ length: 6 }, () => ({ roleArn: ROLE }))), {
    server: 'must have at most 5 items',
    code: 'at most 5 entries',
  }),
  refuses('Static with web identity', aws({ issue: 'Static' }), 'issue other than AssumeRole needs the long-term key'),
  refuses(
    'SessionToken after a chain',
    aws({ ...accessKey(), assumeRoles: [{ roleArn: ROLE }], issue: 'SessionToken' }),
    'issue other than AssumeRole',
  ),
  refuses('unknown issue', aws({ issue: 'Copy' }), unknownValue('AssumeRole, SessionToken, FederationToken, Static')),
  acceptsUpdate(
    'external id',
    chain({ roleArn: ROLE, externalId: 'old' }),
    chain({ roleArn: ROLE, externalId: 'new' }),
  ),
  refusesUpdate('role of a step', chain({ roleArn: ROLE }), chain({ roleArn: `${ROLE}2` }), CHAIN),
  refusesUpdate('added step', chain({ roleArn: ROLE }), chain({ roleArn: ROLE }, { roleArn: `${ROLE}2` }), CHAIN),
  refusesUpdate('removed chain', chain({ roleArn: ROLE }), {}, CHAIN),
]

const limits: Case[] = [
  accepts('limits', {
    sessionDuration: '1h30m',
    resources: ['s3://ml-*', 's3://shared', 's3://Acme_*', 's3://tenant:*'],
    allowedNamespaces: { from: 'All' },
    suspend: true,
  }),
  refuses('session of a minute', { sessionDuration: '1m' }, 'sessionDuration must be a duration from 15m to 12h'),
  refuses('session of 13 hours', { sessionDuration: '13h' }, 'sessionDuration must be a duration from 15m to 12h'),
  refuses('session in words', { sessionDuration: 'an hour' }, 'sessionDuration must be a duration'),
  refuses('resource with prefix', { resources: ['s3://ml/prod'] }, 'resources must be URIs of buckets'),
  refuses('resource without scheme', { resources: ['ml'] }, 'resources must be URIs of buckets'),
  refuses(
    'resource twice',
    { resources: ['s3://a', 's3://a'] },
    { server: 'Duplicate value', code: 'resources has an entry twice' },
  ),
  refuses('no resource', { resources: [] }, { server: 'at least 1 item', code: 'needs at least 1 entry' }),
  refuses('resource of the other cloud', { resources: ['az://ml'] }, 'resources has a URI of another cloud'),
  refuses(
    'Selector without selector',
    { allowedNamespaces: { from: 'Selector' } },
    'allowedNamespaces.selector belongs to',
  ),
  refuses('unknown from', { allowedNamespaces: { from: 'None' } }, unknownValue('Same, All, Selector')),
]

export const connectorCases: Case[] = [...providers, ...webIdentity, ...keys, ...service, ...roles, ...limits]

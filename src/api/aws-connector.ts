/** `spec.aws` of a ServiceConnector. */
import * as z from 'zod'
import { ATOMIC_LIST, caBundleSchema, dataKey, NEW_CONNECTOR, objectName, text } from './fields.ts'
import { RESERVED_PREFIX } from './names.ts'
import { exactlyOne, fixedChoice, immutable, pattern, withRules } from './rules.ts'

export const DEFAULT_AWS_REGION = 'us-east-1'
export const DEFAULT_AWS_AUDIENCE = 'sts.amazonaws.com'
export const DEFAULT_ACCESS_KEY_KEYS = {
  accessKeyIdKey: 'aws_access_key_id',
  secretAccessKeyKey: 'aws_secret_access_key',
  sessionTokenKey: 'aws_session_token',
} as const

const endpoint = (field: string) =>
  text(
    512,
    pattern(
      /^https?:\/\/([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?$/,
      `${field} must be an http(s) URL of a host only: write https://minio.example.com:9000, without user, path, query or final slash`,
    ),
  )

/** Codes of AWS are in lower case; others have `RegionOne` or `GRA`. SDKs refuse other characters, such as `_`. */
export const region = (field: string) =>
  text(
    63,
    pattern(
      /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/,
      `${field} must be the code of a region, of letters, digits and hyphens, as SDKs sign no other: write for example eu-west-1`,
    ),
  )

/** Roles of any partition of AWS, and MinIO's `arn:minio:iam:<its region>::role/...`. */
const roleArn = text(
  512,
  pattern(
    /^arn:[a-z0-9-]+:iam:[a-z0-9-]*:[A-Za-z0-9_-]*:role\/[A-Za-z0-9_+=,.@/-]+$/,
    'roleArn must be the ARN of a role: write for example arn:aws:iam::123456789012:role/artifacts',
  ),
)

const sessionWord = (field: string) =>
  text(
    64,
    pattern(
      /^[A-Za-z0-9_=,.@-]{2,64}$/,
      `${field} must have 2 to 64 characters: use letters, digits and _ = , . @ - only`,
    ),
  )

const webIdentitySchema = withRules(
  z.object({
    serviceAccountName: objectName('serviceAccountName').describe(
      "ServiceAccount in the connector's namespace; the operator asks for its tokens. Immutable.",
    ),
    roleArn: roleArn
      .describe('Role to assume. Default: the eks.amazonaws.com/role-arn annotation of the ServiceAccount. Immutable.')
      .exactOptional(),
    audience: text(512)
      .describe(`Audience of the token (default ${DEFAULT_AWS_AUDIENCE}); the API server's own are refused.`)
      .exactOptional(),
  }),
  immutable(['serviceAccountName', 'roleArn'], NEW_CONNECTOR),
)

const accessKeySchema = z.object({
  secretName: objectName('secretName').describe(
    "Secret in the connector's namespace, labelled artifactstore.dev/credentials=true.",
  ),
  accessKeyIdKey: dataKey('accessKeyIdKey')
    .describe(`Key of the access key id (default ${DEFAULT_ACCESS_KEY_KEYS.accessKeyIdKey}).`)
    .exactOptional(),
  secretAccessKeyKey: dataKey('secretAccessKeyKey')
    .describe(`Key of the secret access key (default ${DEFAULT_ACCESS_KEY_KEYS.secretAccessKeyKey}).`)
    .exactOptional(),
  sessionTokenKey: dataKey('sessionTokenKey')
    .describe(`Key of the session token, which may be absent (default ${DEFAULT_ACCESS_KEY_KEYS.sessionTokenKey}).`)
    .exactOptional(),
})

const AUTH = ['webIdentity', 'accessKey', 'implicit']

const authSchema = withRules(
  z.object({
    webIdentity: webIdentitySchema
      .describe('Tokens of a ServiceAccount, exchanged by AssumeRoleWithWebIdentity (IRSA): no long-lived secret.')
      .exactOptional(),
    accessKey: accessKeySchema.describe('Access key from a Secret.').exactOptional(),
    implicit: z
      .object({})
      .describe("The operator's own AWS identity; refused unless it runs with --allow-implicit-auth.")
      .exactOptional(),
  }),
  [exactlyOne('auth', AUTH), fixedChoice(AUTH, `auth can't change its method: ${NEW_CONNECTOR}`)],
)

const assumeRoleSchema = z.object({
  roleArn: roleArn.describe('Role to assume with the credentials of the step before. Immutable.'),
  externalId: text(
    1224,
    pattern(
      /^[A-Za-z0-9_+=,.@:/-]{2,}$/,
      'externalId must have 2 to 1224 characters: use letters, digits and _ + = , . @ : / - only',
    ),
    {
      cel: `!self.startsWith('${RESERVED_PREFIX}')`,
      isSatisfied: id => !id.startsWith(RESERVED_PREFIX),
      message: `externalId can't begin with ${RESERVED_PREFIX}: such ids are the operator's own, use another`,
    },
  )
    .describe(
      "External id that the role's trust policy asks for. With `auth.implicit`, the first role gets that of the operator, " +
        `${RESERVED_PREFIX}<uid of namespace kube-system>/<namespace>/<connector>.`,
    )
    .exactOptional(),
  sessionName: sessionWord('sessionName')
    .describe('Name of the session in CloudTrail. Default: namespace and name of the connector.')
    .exactOptional(),
  sourceIdentity: sessionWord('sourceIdentity').describe('Source identity in CloudTrail.').exactOptional(),
  tags: withRules(z.record(z.string(), z.string().max(256)).meta({ maxProperties: 50 }), [
    {
      cel: `self.all(key, !key.startsWith('${RESERVED_PREFIX}'))`,
      isSatisfied: tags => !Object.keys(tags).some(key => key.startsWith(RESERVED_PREFIX)),
      message: `tags can't have keys that begin with ${RESERVED_PREFIX}: such keys are the operator's own, use others`,
    },
  ])
    .describe('Session tags.')
    .exactOptional(),
})

export const awsSchema = withRules(
  z.object({
    region: region('region')
      .describe(`Region of the service. Default: that of an \`endpoint\` of AWS, else ${DEFAULT_AWS_REGION}.`)
      .exactOptional(),
    endpoint: endpoint('endpoint').describe('URL of an S3-compatible service. Default: AWS.').exactOptional(),
    stsEndpoint: endpoint('stsEndpoint')
      .describe("URL of its STS. Default: `endpoint` where that is no endpoint of AWS, else the region's STS.")
      .exactOptional(),
    addressingStyle: z
      .enum(['Auto', 'Path', 'Virtual'])
      .describe('Bucket in the path or in the host name. Auto (default): Path when `endpoint` is set.')
      .exactOptional(),
    useDualstackEndpoint: z
      .boolean()
      .describe('Use the endpoints of AWS that have IPv6, too. Default: as the environment of the operator says.')
      .exactOptional(),
    useFipsEndpoint: z
      .boolean()
      .describe('Use the FIPS 140 endpoints of AWS. Default: as the environment of the operator says.')
      .exactOptional(),
    caBundle: caBundleSchema.describe('PEM roots to trust for `endpoint` and `stsEndpoint`.').exactOptional(),
    auth: authSchema.describe('Exactly one way to authenticate. The method is immutable.'),
    assumeRoles: z
      .array(assumeRoleSchema.describe('One step of the chain.'))
      .max(5)
      .meta(ATOMIC_LIST)
      .describe('Roles to assume after `auth`, one after the other. Their ARNs are immutable.')
      .exactOptional(),
    issue: z
      .enum(['AssumeRole', 'SessionToken', 'FederationToken', 'Static'])
      .describe(
        'How credentials for consumers are made. AssumeRole: narrowed by a session policy. SessionToken: GetSessionToken. ' +
          'FederationToken: GetFederationToken, narrowed by a policy. Static: a copy of the key, never narrowed. ' +
          'Default: the best that `auth` allows.',
      )
      .exactOptional(),
  }),
  [
    {
      cel: "has(self.endpoint) || !has(self.region) || self.region.matches('^[a-z0-9-]+$')",
      isSatisfied: ({ endpoint, region = '' }) => endpoint !== undefined || /^[a-z0-9-]*$/.test(region),
      message:
        'region must be the code of a region of AWS in lower case, as no endpoint is set: write for example eu-west-1, or set endpoint to the URL of another S3 service',
    },
    ...(['useDualstackEndpoint', 'useFipsEndpoint'] as const).map(member => ({
      cel: `!has(self.endpoint) || !has(self.${member}) || !self.${member}`,
      isSatisfied: (aws: { endpoint?: string; useDualstackEndpoint?: boolean; useFipsEndpoint?: boolean }) =>
        aws.endpoint === undefined || !aws[member],
      message: `${member} chooses among the endpoints of AWS, and endpoint is another: remove one of them`,
    })),
    {
      cel: '!has(self.auth.implicit) || !has(self.assumeRoles) || self.assumeRoles.size() == 0 || !(has(self.assumeRoles[0].externalId) || has(self.assumeRoles[0].sessionName) || has(self.assumeRoles[0].sourceIdentity))',
      isSatisfied({ auth, assumeRoles }) {
        const { externalId, sessionName, sourceIdentity } = (auth.implicit && assumeRoles?.[0]) ?? {}
        return (externalId ?? sessionName ?? sourceIdentity) === undefined
      },
      message:
        "with auth.implicit, the operator itself tells the first of assumeRoles who asks: remove its externalId, sessionName and sourceIdentity, and let the role's trust policy ask for the operator's external id",
    },
    {
      cel: "!has(self.issue) || self.issue == 'AssumeRole' || (has(self.auth.accessKey) && (!has(self.assumeRoles) || self.assumeRoles.size() == 0))",
      isSatisfied: ({ issue, auth, assumeRoles }) =>
        (issue ?? 'AssumeRole') === 'AssumeRole' || (auth.accessKey !== undefined && (assumeRoles ?? []).length === 0),
      message:
        'issue other than AssumeRole needs the long-term key itself: use auth.accessKey without assumeRoles, or remove issue',
    },
    {
      cel: 'has(self.assumeRoles) ? has(oldSelf.assumeRoles) && self.assumeRoles.map(step, step.roleArn) == oldSelf.assumeRoles.map(step, step.roleArn) : !has(oldSelf.assumeRoles)',
      message: `assumeRoles can't change its role ARNs: ${NEW_CONNECTOR}`,
    },
  ],
)

export type AwsSpec = z.infer<typeof awsSchema>

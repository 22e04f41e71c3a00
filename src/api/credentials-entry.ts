/** `spec.credentials[]` of an ArtifactStore: what one consumer role gets. */
import * as z from 'zod'
import { KEYS_OF_PATH, KEYS_RULES, keysSchema } from './credential-keys.ts'
import { duration, labelName, labelSelectorSchema, objectName, setOf, text } from './fields.ts'
import { pattern, type Rule, withRules } from './rules.ts'
import { MAX_SESSION_DURATION } from './time.ts'
import { prefixRules } from './uri.ts'

/** Formats that exist for S3 only. */
const S3_FORMATS = ['AwsProfile'] as const
export const FORMATS = [
  ...S3_FORMATS,
  'Env',
  'WebIdentity',
  'ZenML',
  'Turborepo',
  'OpenMetadata',
  'ArgoWorkflows',
  'Hadoop',
  'Rclone',
  'Keys',
] as const

export type Format = (typeof FORMATS)[number]

/** Formats with keys that SDKs find beside a web identity: each SDK takes one of the two, in an order of its own. */
const FORMATS_WITH_KEYS: readonly Format[] = ['AwsProfile', 'Env', 'Turborepo']

export const DEFAULT_ACCESS = 'ReadWrite'
export const DEFAULT_MOUNT_PATH = '/var/run/artifact-store'

/** Suffix of the Secret with the `Env` format where `AwsProfile` is projected too. */
export const ENV_SECRET_SUFFIX = '-env'

const entryFields = z.object({
  name: labelName('name').describe('Name of the consumer role, such as "orchestrator" or "step".'),
  secretName: objectName('secretName', 253 - ENV_SECRET_SUFFIX.length)
    .describe('Name of the Secret. Default: <store>-<name>.')
    .exactOptional(),
  namespaces: withRules(
    z.object({
      names: setOf(labelName('names').describe('Name of a namespace.'), 'names', 64, 1)
        .describe('Namespaces by name.')
        .exactOptional(),
      selector: labelSelectorSchema.describe('Namespaces by label.').exactOptional(),
    }),
    [
      {
        cel: 'has(self.names) || has(self.selector)',
        isSatisfied: ({ names, selector }) => names !== undefined || selector !== undefined,
        message: 'namespaces needs names, selector or both: add one, or remove namespaces to use the own namespace',
      },
    ],
  )
    .describe(
      "Namespaces that get the Secret: the named and the selected ones that the store's `allowedNamespaces` allows and " +
        'that have the label `artifactstore.dev/recipient: "true"` (or those of --recipient-labels); no kube-* namespace, ' +
        "and not the operator's. Default: the store's own.",
    )
    .exactOptional(),
  access: z
    .enum(['ReadWrite', 'ReadOnly', 'WriteOnly'])
    .describe(`What the credentials allow (default ${DEFAULT_ACCESS}).`)
    .exactOptional(),
  subPath: text(256, ...prefixRules('subPath'))
    .describe("Prefix below the store's, to which the credentials are narrowed.")
    .exactOptional(),
  duration: duration('duration', '15m', MAX_SESSION_DURATION)
    .describe("How long the credentials live. Default: the connector's `sessionDuration`.")
    .exactOptional(),
  mountPath: text(
    256,
    pattern(
      /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/,
      'mountPath must be an absolute path such as /var/run/artifact-store: letters, digits and . _ - only, without final slash',
    ),
  )
    .describe(`Directory where consumers mount the Secret (default ${DEFAULT_MOUNT_PATH}).`)
    .exactOptional(),
  formats: withRules(setOf(z.enum(FORMATS).describe('A format.'), 'formats', FORMATS.length, 1), [
    {
      cel: `!('WebIdentity' in self) || !self.exists(format, format in [${FORMATS_WITH_KEYS.map(format => `'${format}'`).join(', ')}])`,
      isSatisfied: formats =>
        !formats.includes('WebIdentity') || !formats.some(format => FORMATS_WITH_KEYS.includes(format)),
      message: `formats has WebIdentity and one of ${FORMATS_WITH_KEYS.join(', ')}, of which SDKs would use only one: give WebIdentity an entry of its own`,
    },
  ]).describe('How the credentials are written: each format is a key, or a group of keys, of the Secret.'),
  keys: keysSchema
    .describe('Keys of format Keys: names that the consumer knows, and what each holds. What there is not has no key.')
    .exactOptional(),
})

const entrySchema = withRules(entryFields, KEYS_RULES)

export type CredentialsEntry = z.infer<typeof entrySchema>

/** Name of an entry's Secret: `<store>-<name>`, unless the entry gives another. */
export const secretNameOf = (store: string, entry: Pick<CredentialsEntry, 'name' | 'secretName'>): string =>
  entry.secretName ?? `${store}-${entry.name}`

const explicitNames = (entries: CredentialsEntry[]): string[] =>
  entries.flatMap(({ secretName }) => (secretName === undefined ? [] : [secretName]))

const isUnique = (names: string[]): boolean => new Set(names).size === names.length

export const credentialsSchema = withRules(
  z
    .array(entrySchema.describe('What one consumer role gets.'))
    .max(16)
    .refine(entries => isUnique(entries.map(({ name }) => name)), 'credentials has a name twice: rename one of them')
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
  [
    {
      cel: 'self.all(a, !has(a.secretName) || self.exists_one(b, has(b.secretName) && a.secretName == b.secretName))',
      isSatisfied: entries => isUnique(explicitNames(entries)),
      message: 'credentials has a secretName twice: give each entry a Secret of its own',
    },
  ],
)

const usesS3Format = ({ formats }: CredentialsEntry) =>
  formats.some(format => (S3_FORMATS as readonly string[]).includes(format))

/** Rules of a store's spec: formats and values that its cloud does not have. */
export const credentialsOfPath: Rule<{ path: string; credentials?: CredentialsEntry[] }>[] = [
  {
    cel: `self.path.startsWith('s3://') || !has(self.credentials) || self.credentials.all(entry, !entry.formats.exists(format, format in [${S3_FORMATS.map(format => `'${format}'`).join(', ')}]))`,
    isSatisfied: ({ path, credentials }) => path.startsWith('s3://') || !(credentials ?? []).some(usesS3Format),
    message: `credentials has a format for S3 only (${S3_FORMATS.join(', ')}): use another format with an Azure path`,
  },
  ...KEYS_OF_PATH,
]

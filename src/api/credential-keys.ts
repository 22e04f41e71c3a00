/** `spec.credentials[].keys` of an ArtifactStore: the keys of format `Keys`, under names of the consumer's own. */
import * as z from 'zod'
import type { Rule } from './rules.ts'
import { withRules } from './rules.ts'

/** Values that stores at S3 have, those at Azure, and both. */
const S3_VALUES = ['accessKeyId', 'secretAccessKey', 'sessionToken', 'region'] as const
const AZURE_VALUES = ['accountName', 'sasToken', 'connectionString', 'containerUrl'] as const
const COMMON_VALUES = ['expiration', 'endpoint', 'bucket', 'prefix', 'uri', 'caBundle'] as const

const VALUES = [...S3_VALUES, ...AZURE_VALUES, ...COMMON_VALUES] as const

export type KeyValue = (typeof VALUES)[number]

const MAX_KEYS = 32

/** What the API server takes for a key of a Secret, and the kubelet for the name of a file. */
const SECRET_KEY = /^([A-Za-z0-9_-][A-Za-z0-9._-]{0,252}|[.][A-Za-z0-9_-][A-Za-z0-9._-]{0,251})$/

/**
 * Names that other formats give to their keys. Beside such a format, one of them would replace its key, or be taken for
 * it: SDKs read every `AWS_ACCESS_KEY_ID`.
 */
export const NAMES_OF_FORMATS =
  /^(config|credentials[.]json|ca[.]crt|token|artifact-store(-secret)?[.]json|connection[.]json|accessKey|secretKey|sessionToken|accountKey|artifact-repository[.]yaml|core-site[.]xml|rclone[.]conf|(ABS|AWS|AZURE|BUCKET|NODE|S3|STORAGE)_.*)$/

const quoted = (values: readonly string[]) => values.map(value => `'${value}'`).join(', ')

export const keysSchema = withRules(
  z
    .record(z.string(), z.enum(VALUES).describe('What the key holds.'))
    .meta({ minProperties: 1, maxProperties: MAX_KEYS }),
  [
    {
      cel: `self.all(name, name.matches(${JSON.stringify(SECRET_KEY.source)}))`,
      isSatisfied: keys => Object.keys(keys).every(name => SECRET_KEY.test(name)),
      message:
        "keys has a name that no key of a Secret can have: use at most 253 letters, digits, '-', '_' and '.', not '..' at the start",
    },
  ],
).refine(
  keys => Object.keys(keys).length > 0 && Object.keys(keys).length <= MAX_KEYS,
  `keys needs 1 to ${MAX_KEYS} names: add one, or use several entries`,
)

type Keys = z.infer<typeof keysSchema>

interface Entry {
  formats: readonly string[]
  keys?: Keys
}

/** Rules of an entry. */
export const KEYS_RULES: Rule<Entry>[] = [
  {
    cel: "('Keys' in self.formats) == has(self.keys)",
    isSatisfied: ({ formats, keys }) => formats.includes('Keys') === (keys !== undefined),
    message: 'keys belongs to format Keys: give both, such as keys: {TOKEN: sessionToken}, or neither',
  },
  {
    cel: `!has(self.keys) || self.formats.size() == 1 || !self.keys.exists(name, name.matches(${JSON.stringify(NAMES_OF_FORMATS.source)}))`,
    isSatisfied: ({ formats, keys = {} }) =>
      formats.length === 1 || !Object.keys(keys).some(name => NAMES_OF_FORMATS.test(name)),
    message:
      'keys has a name that another format uses, such as config, ca.crt or AWS_*: use another name, or give Keys an entry of its own',
  },
]

interface OfStore {
  path: string
  credentials?: Entry[]
}

/** Rules of a store: values that only the other cloud has. */
export const KEYS_OF_PATH: Rule<OfStore>[] = [
  {
    cel: `!self.path.startsWith('s3://') || !has(self.credentials) || self.credentials.all(entry, !has(entry.keys) || !entry.keys.exists(name, entry.keys[name] in [${quoted(AZURE_VALUES)}]))`,
    isSatisfied: ({ path, credentials }) => !path.startsWith('s3://') || !hasAny(credentials, AZURE_VALUES),
    message: `credentials[].keys has a value that only Azure knows (${AZURE_VALUES.join(', ')}): with an s3:// path use ${S3_VALUES.join(', ')}, endpoint, bucket or uri`,
  },
  {
    cel: `self.path.startsWith('s3://') || !has(self.credentials) || self.credentials.all(entry, !has(entry.keys) || !entry.keys.exists(name, entry.keys[name] in [${quoted(S3_VALUES)}]))`,
    isSatisfied: ({ path, credentials }) => path.startsWith('s3://') || !hasAny(credentials, S3_VALUES),
    message: `credentials[].keys has a value that only S3 knows (${S3_VALUES.join(', ')}): with an Azure path use ${AZURE_VALUES.join(', ')}, endpoint, bucket or uri`,
  },
]

const hasAny = (entries: Entry[] = [], values: readonly KeyValue[]): boolean =>
  entries.some(({ keys = {} }) => Object.values(keys).some(value => values.includes(value)))

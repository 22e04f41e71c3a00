/** Pure: `spec.path`, which says where a store is. */
import { type Failure, stalled } from './failures.ts'
import { type OrderedRules, pattern, type Rule } from './rules.ts'

export interface StoreUri {
  cloud: 'aws' | 'azure'
  scheme: 's3' | 'az' | 'abfs' | 'abfss'
  /** Name of the bucket or container. */
  bucket: string
  /** Storage account, when the path names it. */
  account?: string
  /** Host of the storage account, when the path names it: `account.dfs.core.windows.net`. */
  host?: string
  /** `''` or ends with `/`. */
  prefix: string
}

/** `$web` has the files of a static website; the other names with a dollar are the service's own. */
const CONTAINER = '([a-z0-9](-?[a-z0-9]){2,62}|[$]web)'
/** In accounts of a DNS zone, the zone is between name and service: `account.z12.dfs.storage.azure.net`. */
const ACCOUNT_HOST = '[a-z0-9]{3,24}(\\.z[0-9]{1,3})?\\.dfs(\\.[a-z0-9-]+)+'

/**
 * Characters of a path. There is no `*`, `?` or `$`: in a session policy these are wildcards and variables, and would
 * widen the grant. Segments `.` and `..` are refused because SDKs resolve them.
 */
const SEGMENTS = '[A-Za-z0-9_=+@:,.-]+(/[A-Za-z0-9_=+@:,.-]+)*/?'
const MAX_PREFIX = 512
const PREFIXED = new RegExp(`^[a-z0-9]+://[^/]*(/(${SEGMENTS})?)?$`)
const TOO_LONG = new RegExp(`^[a-z0-9]+://[^/]*/.{${MAX_PREFIX + 1}}`)
const KEY_FORM = "letters, digits and _ = + @ : , . -, without '//' and without '.' or '..' segments"

const noDotSegments = (message: string): Rule<string> => ({
  cel: "!self.matches('(^|/)[.]{1,2}(/|$)')",
  isSatisfied: text => !/(^|\/)[.]{1,2}(\/|$)/.test(text),
  message,
})

/** Rules for a prefix inside a bucket, such as `subPath`. */
export function prefixRules(field: string): Rule<string>[] {
  const message = `${field} must be a prefix such as "team/run": no leading '/', ${KEY_FORM}`
  return [pattern(new RegExp(`^${SEGMENTS}$`), message), noDotSegments(message)]
}

/** Rule for the paths of one scheme. */
function schemeRule(scheme: StoreUri['scheme'], rest: string, message: string): Rule<string> {
  const { cel, isSatisfied } = pattern(new RegExp(`^${scheme}://${rest}`), message)
  return {
    cel: `!self.startsWith('${scheme}://') || ${cel}`,
    isSatisfied: path => !path.startsWith(`${scheme}://`) || (isSatisfied?.(path) ?? false),
    message,
  }
}

/** Rule that refuses the paths of one form, which people paste often, with what to write instead. */
const pasted = (form: RegExp, message: string): Rule<string> => {
  const { cel, isSatisfied } = pattern(form, message)
  return { cel: `!${cel}`, isSatisfied: path => !isSatisfied?.(path), message }
}

const NO_CONTAINER = 'path names no valid container: use'
const CONTAINER_FORM = '3 to 63 lower-case letters, digits and single hyphens'

const PREFIX_MESSAGE = `path has a prefix that can't be used: at most ${MAX_PREFIX} characters, ${KEY_FORM}`

export const PATH_RULES: OrderedRules<string> = [
  pasted(/^arn:/, 'path is an ARN: write s3://bucket/prefix with the bucket and the prefix that it names'),
  pasted(/^s3[an]:\/\//, 'path has a scheme of Hadoop: write s3:// in its place'),
  pasted(
    /^wasbs?:\/\//,
    'path has an old scheme of Hadoop: write abfss://container@account.dfs.core.windows.net/prefix',
  ),
  pasted(
    /^https?:\/\//,
    'path is a URL: write s3://bucket/prefix or az://container/prefix; the address of the service belongs into the ServiceConnector',
  ),
  pattern(
    /^(arn:|https?:|s3[an]:|wasbs?:|(s3|az|abfs|abfss):\/\/)/,
    'path must start with s3://, az://, abfs:// or abfss://: write for example s3://my-bucket/prefix',
  ),
  schemeRule(
    's3',
    '[A-Za-z0-9][A-Za-z0-9._:-]{1,253}[A-Za-z0-9](/|$)',
    'path names no valid S3 bucket: use 3 to 63 lower-case letters, digits, dots and hyphens, such as s3://my-bucket/prefix',
  ),
  {
    cel: "!self.matches('^s3://[^/]*[.][.]') && !self.matches('^s3://([0-9]+[.]){3}[0-9]+(/|$)')",
    isSatisfied: path => !/^s3:\/\/[^/]*[.][.]/.test(path) && !/^s3:\/\/([0-9]+[.]){3}[0-9]+(\/|$)/.test(path),
    message:
      "path names no valid S3 bucket: remove '..', and use a name instead of an IP address, which belongs to the connector's endpoint",
  },
  pasted(
    /^(az|abfs|abfss):\/\/[$](root|logs|blobchangefeed)([/@]|$)/,
    'path names a container that Azure keeps for itself ($root, $logs, $blobchangefeed): use another container',
  ),
  pasted(/^(az|abfs|abfss):\/\/[^/@]{64}/, `${NO_CONTAINER} a name of ${CONTAINER_FORM}`),
  schemeRule('az', `${CONTAINER}(/|$)`, `${NO_CONTAINER} az://container/prefix with ${CONTAINER_FORM}`),
  schemeRule(
    'abfs',
    `${CONTAINER}(@${ACCOUNT_HOST})?(/|$)`,
    `${NO_CONTAINER} abfs://container/prefix or abfs://container@account.dfs.core.windows.net/prefix`,
  ),
  schemeRule(
    'abfss',
    `${CONTAINER}@${ACCOUNT_HOST}(/|$)`,
    'path names no valid container and account: use abfss://container@account.dfs.core.windows.net/prefix',
  ),
  {
    cel: `!self.matches('^[a-z0-9]+://') || self.matches('^[a-z0-9]+://[^/]*(/(${SEGMENTS})?)?$')`,
    isSatisfied: path => !/^[a-z0-9]+:\/\//.test(path) || PREFIXED.test(path),
    message: PREFIX_MESSAGE,
  },
  {
    cel: `!self.matches('^[a-z0-9]+://[^/]*/.{${MAX_PREFIX + 1}}')`,
    isSatisfied: path => !TOO_LONG.test(path),
    message: PREFIX_MESSAGE,
  },
  noDotSegments(PREFIX_MESSAGE),
]

const URI = /^(s3|az|abfs|abfss):\/\/([^/@]+)(?:@([^/]+))?(?:\/(.*))?$/

/** Reads `spec.path`: where the store is, or a Failure that says why the path can't be used. */
export function parseStoreUri(path: string): StoreUri | Failure {
  const broken = PATH_RULES.find(rule => !rule.isSatisfied?.(path))
  const [, scheme, bucket, host, prefix] = URI.exec(path) ?? []
  if (broken || !scheme || !bucket) return stalled('InvalidSpec', `spec.path: ${broken?.message ?? 'path is unusable'}`)
  return {
    cloud: scheme === 's3' ? 'aws' : 'azure',
    scheme: scheme as StoreUri['scheme'],
    bucket,
    ...(host ? { account: host.slice(0, host.indexOf('.')), host } : {}),
    prefix: joinPrefix(prefix),
  }
}

/** Writes the URI that `parseStoreUri` reads; the prefix keeps its final slash. */
export const formatStoreUri = ({ scheme, bucket, host, prefix }: Omit<StoreUri, 'cloud'>): string =>
  `${scheme}://${bucket}${host ? `@${host}` : ''}${prefix ? `/${prefix}` : ''}`

/** Joins parts with or without a final slash to a prefix, which is `''` or ends with `/`. */
export const joinPrefix = (...parts: (string | undefined)[]): string =>
  parts.map(part => (part ? `${part.replace(/\/$/, '')}/` : '')).join('')

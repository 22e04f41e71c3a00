/**
 * Takes credential material out of text: log lines, and error messages on their way to status and events. The last
 * line of defence, not the first: it knows shapes of secrets, not the secrets.
 *
 * Works on plain text, on JSON and on JSON inside JSON, and keeps JSON valid: no pattern takes a quote or a lone
 * backslash with it.
 */

import { cut } from '../foreign/text.ts'

const HIDDEN = '[REDACTED]'

/** Text of a value, up to white space, a quote, a backslash or a separator. */
const VALUE = String.raw`[^\s"'\\<>&;,]+`
/** A quote, also one that is escaped. */
const QUOTE = String.raw`\\*["']`

/** Start of a name, which may have a prefix: AZURE_CLIENT_SECRET. */
const START = '(?<![A-Za-z0-9])'

const SECRET_NAMES = [
  'aws_?secret_?access_?key',
  'aws_?session_?token',
  'secret_?access_?key',
  'session_?token',
  'security_?token',
  'secret_?key',
  'account_?key',
  'storage_?key',
  'shared_?key',
  'client_?secret',
  'client_?assertion',
  'access_?token',
  'authorization_?token',
  'refresh_?token',
  'id_?token',
  'web_?identity_?token',
  'sas_?token',
  'private_?key',
  'connection_?string',
  'password',
  's3_secret_access_key',
].join('|')

const RULES: [pattern: RegExp, replacement: string][] = [
  // PEM private keys, also with escaped line ends, and also when they are cut off.
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:\\[nr]|[A-Za-z0-9+/=\s:,]|-(?!----))*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
    '[REDACTED PRIVATE KEY]',
  ],
  // Headers: `Authorization: Bearer x`, `"authorization":"AWS4-HMAC-SHA256 Credential=..., Signature=..."`.
  [
    new RegExp(
      String.raw`\b((?:proxy-)?authorization|x-amz-security-token|x-aws-ec2-metadata-token|x-ms-copy-source-authorization|set-cookie|cookie)` +
        String.raw`((?:${QUOTE})?\s*:\s*(?:${QUOTE})?)[^"'\\\r\n<>]+`,
      'gi',
    ),
    `$1$2${HIDDEN}`,
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/-]{16,}=*/gi, `$1 ${HIDDEN}`],
  [/\bSharedKey(Lite)?\s+[a-z0-9]+:[A-Za-z0-9+/]+=*/g, `SharedKey$1 ${HIDDEN}`],
  // SAS of a connection string: text without `;`, but with `&` in it.
  [/\b(SharedAccessSignature=)[^\s"'\\;<>]+/gi, `$1${HIDDEN}`],
  // Query parameters that sign a URL, also of a URL that is a parameter of another.
  [
    new RegExp(
      String.raw`(?:(?<!\w)|(?<=%26|%3F))(sig|signature|X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId)(=|%3D)${VALUE}`,
      'gi',
    ),
    `$1$2${HIDDEN}`,
  ],
  // `name=value` whatever the value, and likewise `"name": "value"` and XML. `name: value` only when the value is long,
  // because prose says `secretAccessKey: required`.
  [new RegExp(`${START}(${SECRET_NAMES})=${VALUE}`, 'gi'), `$1=${HIDDEN}`],
  [
    new RegExp(String.raw`${START}(${SECRET_NAMES})(${QUOTE}\s*:\s*${QUOTE}|\s*[:=]\s*${QUOTE})[^"'\\]+`, 'gi'),
    `$1$2${HIDDEN}`,
  ],
  [new RegExp(`<(${SECRET_NAMES})>[^<]+`, 'gi'), `<$1>${HIDDEN}`],
  [new RegExp(String.raw`${START}(${SECRET_NAMES})(\s*:\s*)[A-Za-z0-9+/=_~.-]{16,}`, 'gi'), `$1$2${HIDDEN}`],
  // JSON Web Tokens, also when they are cut off: one that ends inside its second part still names its subject.
  // Not after a character of their own: else each `eyJ` of a long row of them is a start to look on from.
  [/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?/g, HIDDEN],
  // AWS access key ids; the prefix stays, as it says of which kind the id was.
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}\b/g, `$1${HIDDEN}`],
  // URLs with a password, and http URLs with any user. `abfss://container@account` is a path, not a login.
  [/(:\/\/)[^\s/?#@:"'\\<>]*:[^\s/?#@"'\\<>]+@/g, `$1${HIDDEN}@`],
  [/(https?:\/\/)[^\s/?#@"'\\<>]+@/gi, `$1${HIDDEN}@`],
]

export function redact(text: string): string {
  let clean = text
  for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement)
  return clean
}

const MAX_CAUSES = 4
const MAX_LENGTH = 1000
/** Of one error, before it is searched for secrets: longer than what is shown, so that no secret is half shown. */
const PART_MAX = 4000

/**
 * Describes an error with its causes on one line, without secrets, for status, events and messages. Its stack is for
 * the log.
 */
export function describeError(error: unknown): string {
  const parts: string[] = []
  let cause = error
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined && cause !== null; depth++) {
    const text = cut(messageOf(cause), PART_MAX)
    if (text && !parts.some(part => part.includes(text))) parts.push(text)
    cause = causeOf(cause)
  }
  const line = redact(parts.join(': ').replace(/\s+/g, ' ').trim())
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}...` : line
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // A connection that failed on every address is an AggregateError without a message; its first error has one.
  return error.message || (error instanceof AggregateError ? '' : error.name)
}

const causeOf = (error: unknown): unknown => {
  if (error instanceof AggregateError) return error.cause ?? error.errors[0]
  return error instanceof Error ? error.cause : undefined
}

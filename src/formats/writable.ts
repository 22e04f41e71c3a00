/**
 * Pure: which values formats take at all. Others are refused here, whatever was checked before: a line break in a key
 * would be a setting of its own in an INI file, and programs run some settings as commands.
 */
import type { CredentialMaterial } from '../api/material.ts'
import type { RenderContext } from './format.ts'

/** What keys, tokens, URLs and names consist of. Without spaces, no grammar cuts a value short or finds a comment. */
const TEXT = /^[\x21-\x7e]{0,65536}$/
/** A file of its own, in which people may have written names of CAs. */
const LINES = /^[^\p{Cc}\p{Cs}]{0,2097152}$/u

/** Without user, query and fragment, which some clients would take for a part of the host, and others leave out. */
const URL_OF_SERVICE = /^https?:\/\/([\w.-]{1,255}|\[[0-9A-Fa-f:.]{1,64}\])(:[0-9]{1,5})?(\/[\w.~/-]{0,2048})?$/
const URLS = new Set(['url', 'endpoint', 'blobEndpoint', 'stsEndpoint', 'authorityHost'])

const IN_CONNECTION_STRING = new Set(['accountName', 'blobEndpoint', 'sasToken'])

type Value = [path: string, value: unknown]

/** Says which value no format can hold, and why; undefined when there is none. Never quotes it: it may be secret. */
export function unwritable(material: CredentialMaterial, context: RenderContext): string | undefined {
  const { expiresAt, encryption, mountPath, secretName } = context
  const values = [...leavesOf(material), ...leavesOf({ mountPath, secretName, encryption })]
  for (const [path, value] of values) {
    if (typeof value !== 'string') continue
    const name = path.slice(path.lastIndexOf('.') + 1)
    const taken = name === 'caPem' ? LINES.test(value.replace(/[\t\r\n]/g, '')) : TEXT.test(value)
    if (!taken) return `${path} has other characters than formats can hold`
    if (material.cloud === 'azure' && IN_CONNECTION_STRING.has(path) && value.includes(';')) return `${path} has a ";"`
    if (URLS.has(name) && !(URL_OF_SERVICE.test(value) && URL.canParse(value))) return `${path} is no URL of a service`
  }
  const year = expiresAt?.getUTCFullYear()
  if (year !== undefined && !(year >= 0 && year <= 9999)) return 'expiresAt is no time that formats can hold'
  return undefined
}

const leavesOf = (tree: object, path = ''): Value[] =>
  Object.entries(tree).flatMap(([name, value]): Value[] =>
    typeof value === 'object' && value !== null ? leavesOf(value, `${path}${name}.`) : [[path + name, value]],
  )

/** Name of the first setting with a part that the consumer would replace or leave out; undefined when all are read as written. */
export const misread = (settings: Record<string, string | undefined>, part: RegExp): string | undefined =>
  Object.entries(settings).find(([, value]) => value !== undefined && part.test(value))?.[0]

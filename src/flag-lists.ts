/** Pure: values of flags that are lists, and the error of those that can't be used. */

/** A flag or variable that can't be used. Its message is `--flag: reason: cure`, or begins with `$VARIABLE`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Splits a comma-separated list into its entries, of which there is at least one. */
export const list = (flag: string, text: string): string[] => listOf(`--${flag}`, text)

function listOf(source: string, text: string): string[] {
  const entries = text.split(',').map(entry => entry.trim())
  if (entries.includes('')) throw new ConfigError(`${source}: has an empty entry: remove it`)
  return entries
}

const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Splits a list of names of namespaces. `all`: whether `*` may stand for all. */
export const namespaces = (flag: string, text: string, all: boolean): string[] => namespacesOf(`--${flag}`, text, all)

function namespacesOf(source: string, text: string, all: boolean): string[] {
  const entries = listOf(source, text)
  const wrong = entries.find(entry => !(all && entry === '*') && !NAMESPACE.test(entry))
  if (wrong === undefined) return entries
  const cure = all ? 'write names, or * for all' : 'write names; without the flag, all are watched'
  throw new ConfigError(`${source}: "${wrong}" is no name of a namespace: ${cure}`)
}

/** Each has six watches, with connections of their own. */
const WATCHED_MAX = 100

/**
 * The namespaces that the operator is limited to, each once: of the flag, or else of the variable. Empty: it is not. An
 * empty variable is refused, too: what should have filled it may be missing, and all namespaces are more than was meant.
 */
export function watchedNamespaces(flag: string | undefined, variable: string | undefined): string[] {
  const [source, text] = flag === undefined ? ['$WATCH_NAMESPACES', variable] : ['--watch-namespaces', flag]
  if (text === undefined) return []
  if (text.trim() === '')
    throw new ConfigError(`${source}: is empty: name namespaces, or remove it to watch all of them`)
  const names = [...new Set(namespacesOf(source, text, false))]
  if (names.length <= WATCHED_MAX) return names
  throw new ConfigError(
    `${source}: has ${names.length} namespaces, and ${WATCHED_MAX} at most are watched one by one: install the operator for all, or several times for some each`,
  )
}

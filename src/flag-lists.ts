/** Pure: values of flags that are lists, and the error of those that can't be used. */

/** A flag or variable that can't be used. Its message is `--flag: reason: cure`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Splits a comma-separated list into its entries, of which there is at least one. */
export function list(flag: string, text: string): string[] {
  const entries = text.split(',').map(entry => entry.trim())
  if (entries.includes('')) throw new ConfigError(`--${flag}: has an empty entry: remove it`)
  return entries
}

const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Splits a list of names of namespaces. `all`: whether `*` may stand for all. */
export function namespaces(flag: string, text: string, all: boolean): string[] {
  const entries = list(flag, text)
  const wrong = entries.find(entry => !(all && entry === '*') && !NAMESPACE.test(entry))
  if (wrong === undefined) return entries
  const cure = all ? 'write names, or * for all' : 'write names; without the flag, all are watched'
  throw new ConfigError(`--${flag}: "${wrong}" is no name of a namespace: ${cure}`)
}

/** Each has six watches, with connections of their own. */
const WATCHED_MAX = 100

/** The namespaces that the operator is limited to, each once. Empty: it is not. */
export function watchedNamespaces(text: string | undefined): string[] {
  if (text === undefined) return []
  const names = [...new Set(namespaces('watch-namespaces', text, false))]
  if (names.length <= WATCHED_MAX) return names
  throw new ConfigError(
    `--watch-namespaces: has ${names.length} namespaces, and ${WATCHED_MAX} at most are watched one by one: install the operator for all, or several times for some each`,
  )
}

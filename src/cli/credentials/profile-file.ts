/**
 * Pure: a profile in the text of an AWS config file. Everything of others stays as it is, and a profile that this program
 * did not write is not written over.
 */
import { isUnshown } from '../text/harmless.ts'
import { quoted } from '../text/shell.ts'

/** Below the header of a section that may be written over. */
const MARK = '# Written by "kubectl artifactstore login", which writes it over.'

/** Names that need no quotes in the header of a section. */
export const isProfileName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) && name !== 'default'

export interface Profile {
  name: string
  /** The command line of the credential process. */
  command: string
  /** Lines, which may be nested. */
  settings: readonly string[]
  /** Lines of its section `[services]`; none: it has none. */
  services: readonly string[]
  /** Path of a file with the roots of a private CA. */
  caBundle?: string
}

/** The text with the profile; undefined where it has a profile of that name that others wrote. */
export function withProfile(text: string, profile: Profile): string | undefined {
  const { name, command, settings, services, caBundle } = profile
  const headers = [`[profile ${name}]`, `[services ${name}]`]
  const kept: string[] = []
  for (const section of sectionsOf(text)) {
    const isNamed = headers.includes(headerOf(section))
    if (!isNamed) kept.push(...section)
    else if (section[1]?.trim() !== MARK) return undefined
    // What stands before the next header belongs to that.
    else kept.push(...trailing(section))
  }
  while (kept.at(-1)?.trim() === '') kept.pop()
  const lines = [
    `[profile ${name}]`,
    MARK,
    `credential_process = ${command}`,
    ...(caBundle ? [`ca_bundle = ${caBundle}`] : []),
    ...(services.length > 0 ? [`services = ${name}`] : []),
    ...settings,
    ...(services.length > 0 ? ['', `[services ${name}]`, MARK, ...services] : []),
  ]
  return [...kept, ...(kept.length > 0 ? [''] : []), ...lines, ''].join('\n')
}

/** Whether a text of AWS's file of credentials, whose headers are only names, has the profile. */
export const hasKeys = (text: string, name: string): boolean =>
  sectionsOf(text).some(([first = '']) => first.trim() === `[${name}]`)

/** Sections with their headers; the first has none. */
function sectionsOf(text: string): string[][] {
  const sections: string[][] = [[]]
  for (const line of text.split('\n')) {
    if (/^\s{0,64}\[/.test(line)) sections.push([])
    sections.at(-1)?.push(line)
  }
  return sections
}

/** A header as this program writes it: `[profile "ml"]` names the same profile as `[profile ml]`. */
const headerOf = ([first = '']: string[]): string => {
  const [, kind, name] =
    /^\s{0,64}\[\s{0,64}(profile|services)\s{1,64}["']?([^"'\]]{1,128}?)["']?\s{0,64}\]/.exec(first) ?? []
  return kind ? `[${kind} ${name}]` : ''
}

/** Comments at the end of a section, with the empty lines after the first of them. */
function trailing(section: string[]): string[] {
  const isComment = (line: string): boolean => /^\s{0,64}[#;]/.test(line)
  const end = section.findLastIndex(line => line.trim() !== '' && !isComment(line))
  const rest = section.slice(Math.max(end, 1) + 1)
  const first = rest.findIndex(isComment)
  return first < 0 ? [] : rest.slice(first)
}

/**
 * The command line of a credential process. SDKs split it as a shell does, or have one run it; on Windows, only quotes
 * around a word are read. Throws a RangeError for what can't be a word of it.
 */
export function processLine(words: readonly string[], platform: NodeJS.Platform): string {
  return words
    .map(word => {
      if (isUnshown(word)) throw new RangeError('it has a control character')
      if (platform !== 'win32') return quoted(word)
      if (word.includes('"')) throw new RangeError('it has a quote')
      return /\s/.test(word) ? `"${word}"` : word
    })
    .join(' ')
}

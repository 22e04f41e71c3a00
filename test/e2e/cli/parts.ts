/** What the suites of the command line share. */
import assert from 'node:assert/strict'
import { COMMANDS } from '../../../src/cli/commands/index.ts'
import type { CommandLine, Ran } from '../../support/command-line.ts'
import { reportIn } from '../../support/command-line.ts'
import type { World } from '../../support/world.ts'

export interface Parts {
  world(): World
  cli(): CommandLine
}

/** Paths of all members of data: `stores[].secrets[].name`. */
function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(element => pathsOf(element, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, path ? `${path}.${name}` : name))
}

/** Checks that a report has no member that docs/cli.md lacks. Returns it. */
export function documented(command: string, ran: Ran) {
  const report = reportIn(ran)
  const { apiVersion, kind, ...content } = report
  const { data } = COMMANDS.find(({ name }) => name === command) ?? {}
  assert.equal(apiVersion, 'cli.artifactstore.dev/v1alpha1')
  assert.ok(data?.kind.includes(kind), kind)
  const known = Object.keys(data?.members ?? {})
  assert.deepEqual(
    [...new Set(pathsOf(content))].filter(path => !known.includes(path)),
    [],
  )
  return report
}

/** Checks the exit code. Returns what was printed. */
export function ended(ran: Ran, code: number): Ran {
  assert.equal(ran.code, code, `${ran.out}\n${ran.err}`)
  return ran
}

/** A kubeconfig of a cluster that does not answer. */
export const NOWHERE = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'nowhere', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'nobody', user: { token: 'x' } }],
  contexts: [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'nobody' } }],
  'current-context': 'nowhere',
}

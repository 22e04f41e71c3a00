/** Each alert fires when it should, and not before: `promtool test rules` with the file of its name in `alerts/`. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { Workspace } from '../cluster/processes.ts'
import { alertRules } from '../cluster/prometheus.ts'
import { prometheusBinaries } from '../cluster/prometheus-tools.ts'

const cases = join(import.meta.dirname, 'alerts')
const rules = alertRules()
const names = (parse(rules) as { groups: { rules: { alert: string }[] }[] }).groups.flatMap(group =>
  group.rules.map(({ alert }) => alert),
)

let workspace: Workspace
before(async () => {
  workspace = await Workspace.create('alerts')
  await writeFile(join(workspace.dir, 'rules.yaml'), rules)
  await cp(cases, workspace.dir, { recursive: true })
})
after(() => workspace.remove())

/** Runs promtool; a failure throws what it says. */
async function promtool(...args: string[]): Promise<void> {
  const { promtool } = await prometheusBinaries()
  try {
    await promisify(execFile)(promtool, args, { cwd: workspace.dir })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    assert.fail(`${stdout}${stderr}`)
  }
}

test('promtool finds nothing wrong with the rules', () => promtool('check', 'rules', '--lint-fatal', 'rules.yaml'))

test('there is a file for each alert, and no other', async () => {
  const files = await readdir(cases)
  assert.deepEqual(files.sort(), names.map(name => `${name}.yaml`).sort())
})

describe('fires in time', () => {
  for (const name of names) test(name, () => promtool('test', 'rules', `${name}.yaml`))
})

/** actionlint finds nothing wrong with the workflows, and they build what deploy/ installs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { actionlintBinary } from '../cluster/actionlint.ts'

const root = join(import.meta.dirname, '../..')
const workflow = (name: string) => readFileSync(join(root, `.github/workflows/${name}.yaml`), 'utf8')
const release = workflow('release')
const site = workflow('site')

interface Job {
  permissions?: Record<string, string>
  steps: { uses?: string; run?: string }[]
}
const { env } = parse(release) as { env: { IMAGE: string } }
const allJobs = [release, site].flatMap(text => Object.values((parse(text) as { jobs: Record<string, Job> }).jobs))

/** What actionlint finds; empty when nothing. Other linters that it would call where they are installed stay out. */
async function findings(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'workflow-'))
  try {
    const file = join(dir, 'workflow.yaml')
    await writeFile(file, text)
    const args = ['-no-color', '-oneline', '-shellcheck=', '-pyflakes=', file]
    const { stdout } = await promisify(execFile)(await actionlintBinary(), args, { cwd: dir })
    return stdout
  } catch (error) {
    return (error as { stdout?: string }).stdout || String(error)
  } finally {
    await rm(dir, { recursive: true })
  }
}

describe('actionlint', () => {
  test('finds nothing wrong with the release workflow', async () => assert.equal(await findings(release), ''))
  test('finds nothing wrong with the workflow of the site', async () => assert.equal(await findings(site), ''))

  const faults: [what: string, from: string, to: string, finding: RegExp][] = [
    ['a step that is not there', 'steps.build.outputs.digest', 'steps.built.outputs.digest', /property "built"/],
    ['a job that is not there', 'needs: image', 'needs: images', /needs job "images"/],
    ['a permission that is not there', 'packages: write', 'package: write', /unknown permission scope "package"/],
  ]
  for (const [what, from, to, finding] of faults) {
    test(`finds ${what}`, async () => assert.match(await findings(release.replace(from, to)), finding))
  }
})

describe('the release workflow', () => {
  test('pushes the image that deploy/ installs', () => {
    const { images } = parse(readFileSync(join(root, 'deploy/kustomization.yaml'), 'utf8'))
    assert.equal(env.IMAGE, images[0].newName)
  })
})

describe('each workflow', () => {
  test('pins each action to a version', () => {
    const uses = allJobs.flatMap(({ steps }) => steps.flatMap(step => step.uses ?? []))
    assert.ok(uses.length > 5)
    assert.deepEqual(
      uses.filter(action => !/@(v\d+(\.\d+)*|[0-9a-f]{40})$/.test(action)),
      [],
    )
  })

  test('lets no job sign or write that runs commands of make', () => {
    const withMake = allJobs.filter(({ steps }) => steps.some(({ run }) => run?.startsWith('make ')))
    assert.equal(withMake.length, 2)
    for (const { permissions } of withMake) assert.equal(permissions, undefined)
  })
})

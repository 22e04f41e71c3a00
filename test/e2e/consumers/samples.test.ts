/** Samples of consumers with kinds or programs that the API server can't check: the consumers' own code does. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { CredentialMaterial } from '../../../src/api/material.ts'
import { pythonWithClients } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'
import { aws, awsIdentity, azure, azureIdentity, context, dataBeside, dataOf } from '../../support/materials.ts'
import { scriptPath, zenmlVariables } from './programs.ts'

const sample = (file: string) => join(import.meta.dirname, '../../../deploy/samples/consumers', file)

describe('samples of consumers', { concurrency: 2 }, () => {
  let python: string
  let directory: string
  before(async () => {
    python = await pythonWithClients()
    directory = mkdtempSync(join(tmpdir(), 'samples-'))
  })
  after(() => rmSync(directory, { recursive: true, force: true }))

  /** Creates a directory with these files. */
  function mount(data: Record<string, string>): string {
    const path = mkdtempSync(join(directory, 'mount-'))
    for (const [key, value] of Object.entries(data)) writeFileSync(join(path, key), value)
    return path
  }
  async function check(consumer: string, ...files: string[]): Promise<void> {
    await run({ command: python, args: [scriptPath('sample_types.py'), consumer, ...files], env: {} })
  }

  test("Argo's Workflow has its types", () => check('argo', sample('argo-workflows/workflow.yaml')))

  for (const name of ['kserve', 'kserve-azure']) {
    test(`KServe's kinds have its types: ${name}`, () =>
      check('kserve', sample(`${name}/storage-container.yaml`), sample(`${name}/inference-service.yaml`)))
  }

  test("OpenMetadata's workflow has its types, with the connection put in", () => {
    const path = mount(dataOf('OpenMetadata', aws))
    return check('openmetadata', sample('openmetadata/ingestion.yaml'), join(path, 'connection.json'))
  })

  test('OpenMetadata takes connections without keys: beside a profile, or an identity on either cloud', () => {
    const all = [
      dataBeside('AwsProfile', 'OpenMetadata', aws),
      dataBeside('WebIdentity', 'OpenMetadata', awsIdentity),
      dataBeside('WebIdentity', 'OpenMetadata', azureIdentity),
    ]
    return check('openmetadata-connections', ...all.map(data => join(mount(data), 'connection.json')))
  })

  const stores: [name: string, flavor: string, material: CredentialMaterial][] = [
    ['zenml', 's3', aws],
    ['zenml-azure', 'azure', azure],
  ]
  for (const [name, flavor, material] of stores) {
    test(`${name} registers what the Secret holds, and later what it holds then`, async () => {
      const old = dataOf('ZenML', material)
      const data = Object.fromEntries(
        Object.entries(old).map(([key, value]) => [key, value.replace(/token\/\/==|sv=2026-04-06/, '$&new')]),
      )
      assert.notDeepEqual(data, old)
      const path = mount(old)
      const program = readFileSync(sample(`${name}/register.py`), 'utf8').replaceAll(context.mountPath, path)
      writeFileSync(join(path, 'register.py'), program)
      const zenml = (program: string) =>
        run({ command: python, args: [program], env: zenmlVariables(join(path, 'zenml')) })
      await zenml(join(path, 'register.py'))
      for (const [key, value] of Object.entries(data)) writeFileSync(join(path, key), value)
      await zenml(join(path, 'register.py'))

      const read = (key: string) => JSON.parse(data[key] ?? '{}')
      const secret = 'artifact-store-secret.json'
      assert.deepEqual(JSON.parse(await zenml(scriptPath('zenml_registered.py'))), {
        flavor,
        configuration: {
          ...read('artifact-store.json'),
          ...(secret in data && { authentication_secret: 'models' }),
        },
        ...(secret in data && { secret: read(secret) }),
      })
    })
  }
})

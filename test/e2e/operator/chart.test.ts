/** The Helm chart is what deploy/ is, and its values change what they should and nothing else. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { parseConfig } from '../../../src/config.ts'
import { helm } from '../../cluster/helm.ts'
import { type Command, kubectlBinary } from '../../cluster/tools.ts'
import { CHART, differences, kustomize, type Manifests, SYSTEM, template } from '../../support/manifests.ts'
import { COMPONENTS, EVERY_FLAG, REFUSED, VALUES } from './chart-cases.ts'

const golden = join(import.meta.dirname, '../../golden/chart')
const asText = { serializers: [(value: unknown) => String(value)] }

let kubectl: Command
let dir: string
/** The chart with default values. */
let byDefault: Manifests

before(async () => {
  kubectl = await kubectlBinary()
  dir = mkdtempSync(join(tmpdir(), 'chart-'))
  byDefault = await render('default', {})
})

after(() => rmSync(dir, { recursive: true, force: true }))

/** Renders the chart in a folder of its own. */
const render = (name: string, values: object, namespace?: string) =>
  template(join(dir, name.replaceAll(' ', '-')), values, namespace)

/** All that deploy/ has. Only these two defaults differ, for reasons that docs/adr/0038 has. */
const ALL = { namespace: { create: true }, crds: { keep: false } }

function argsOf(manifests: Manifests, namespace = SYSTEM): string[] {
  const { spec } = manifests[`Deployment ${namespace}/artifact-store-operator`] as unknown as {
    spec: { template: { spec: { containers: { args: string[] }[] } } }
  }
  return spec.template.spec.containers[0]?.args ?? []
}

test('with default values, the chart is deploy/ without the namespace, and keeps the CRDs', async () => {
  const built = await kustomize(kubectl, join(dir, 'deploy'))
  const namespace = `Namespace ${SYSTEM}`
  const { [namespace]: made, ...others } = built
  assert.ok(made)
  const definitions = Object.keys(others).filter(name => name.startsWith('CustomResourceDefinition'))
  assert.equal(definitions.length, 2)
  for (const name of definitions) {
    const { metadata } = others[name] ?? assert.fail(name)
    metadata.annotations = { ...metadata.annotations, 'helm.sh/resource-policy': 'keep' }
  }
  assert.deepEqual(byDefault, others)
})

test('with the namespace, and without keeping the CRDs, the chart is deploy/', async () => {
  assert.deepEqual(await render('all', ALL), await kustomize(kubectl, join(dir, 'all')))
})

describe('values for components', () => {
  for (const { component, values, namespace } of COMPONENTS) {
    test(`make of the chart what deploy/components/${component} makes of deploy/`, async () => {
      const rendered = await render(component, { ...ALL, ...values }, namespace)
      const built = await kustomize(kubectl, join(dir, component), [`deploy/components/${component}`])
      // The chart has flags in the order of their names.
      argsOf(built, namespace).sort()
      assert.deepEqual(rendered, built)
    })
  }

  test('are there for each', () => {
    assert.deepEqual(
      COMPONENTS.map(({ component }) => component).sort(),
      readdirSync(join(CHART, '../components')).sort(),
    )
  })
})

describe('values', () => {
  for (const { name, values } of VALUES) {
    test(`change only what is in test/golden/chart: ${name}`, async t => {
      const lines = differences(byDefault, await render(name, values))
      assert.ok(lines.length > 0)
      t.assert.fileSnapshot(`${lines.join('\n')}\n`, join(golden, `${name.replaceAll(' ', '-')}.txt`), asText)
    })
  }

  for (const { name, values, message } of REFUSED) {
    test(`are refused: ${name}`, async () => {
      await assert.rejects(render(name, values), message)
    })
  }

  test('of all flags reach the operator, which takes them', async () => {
    const rendered = await render('flags', { replicas: 1, flags: EVERY_FLAG })
    const config = parseConfig(argsOf(rendered), {}, 'pod')
    assert.equal(argsOf(rendered).length, Object.keys(EVERY_FLAG).length)
    assert.equal(config.concurrency, 8)
    assert.equal(config.maxTargets, 10_000)
    assert.equal(config.leaderElect, false)
    assert.deepEqual(config.allowedEndpoints, ['minio.minio.svc', '.example.com'])
    assert.deepEqual(config.recipientLabels, {})
  })
})

describe('docs/helm.md', () => {
  const guide = readFileSync(join(CHART, '../../docs/helm.md'), 'utf8')
  const examples = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, example = '']) => example)

  for (const [index, example] of examples.entries()) {
    test(`has values in example ${index + 1} that change something`, async () => {
      const rendered = await render(`example ${index}`, parse(example))
      assert.notDeepEqual(rendered, byDefault)
    })
  }
})

test('helm lint --strict finds nothing', async () => {
  assert.match(await helm(dir, ['lint', '--strict', CHART]), /0 chart\(s\) failed/)
})

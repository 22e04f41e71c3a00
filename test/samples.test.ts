/** Checks that samples of consumers agree with the code: they use Secrets, keys and paths that their stores project. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Format } from '../src/api/artifact-store.ts'
import { ConsumerSample, consumerSamples, type Taken } from './consumer-sample.ts'
import { Guide, testYaml } from './guides.ts'

/** The ways by which each format gets to its consumer. */
const WAYS: Record<Format, Taken['as'][]> = {
  AwsProfile: ['files'],
  Env: ['variables'],
  WebIdentity: ['files', 'variables'],
  ZenML: ['files'],
  Turborepo: ['variables'],
  OpenMetadata: ['key'],
  // Its file names the keys itself.
  ArgoWorkflows: [],
  Hadoop: ['files'],
  Rclone: ['files'],
  Keys: ['variables'],
}
/** Samples whose consumer takes variables by its own means. */
const OWN_MEANS = ['kubeflow-pipelines']
/** The annotation that restarts a Deployment when its Secret changes, which nothing else does. */
const RESTART = 'reloader.stakater.com/auto'

for (const name of consumerSamples()) {
  describe(`sample ${name}`, () => {
    const sample = new ConsumerSample(name)
    const { entry, mountPath, projected, taken, text } = sample
    const keys = Object.values(projected).flatMap(data => Object.keys(data))
    const ours = taken.filter(({ secret }) => secret in projected)

    test('takes its Secrets in the way that is right for their format', () => {
      const ways = new Set(ours.map(({ as }) => as))
      const expected = OWN_MEANS.includes(name) ? [] : entry.formats.flatMap(format => WAYS[format])
      assert.deepEqual([...ways].sort(), [...new Set(expected)].sort())
    })

    test('takes no other Secret but single keys that the user brings, and says so', () => {
      const theirs = taken.filter(({ secret }) => !(secret in projected))
      assert.deepEqual(
        theirs.filter(({ as, secret }) => as !== 'key' || !new RegExp(`# Yours: .*\\n *name: ${secret}\\n`).test(text)),
        [],
      )
    })

    test('mounts them as whole directories where their files look for each other', () => {
      for (const { mountPath: path, subPath } of sample.mounts)
        assert.deepEqual([path, subPath], [mountPath, undefined])
      assert.equal(sample.mounts.length, ours.filter(({ as }) => as === 'files').length)
    })

    test('names only keys that its Secrets have', () => {
      const files = [...text.matchAll(new RegExp(`${mountPath}/([\\w.-]+)`, 'g'))].map(([, key]) => key)
      const variables = [...text.matchAll(/\$\((\w+)\)|os\.environ\["(\w+)"\]/g)].map(([, a, b]) => a ?? b)
      const named = [...files, ...variables, ...ours.flatMap(({ key }) => key ?? [])]
      assert.deepEqual(
        named.filter(key => key && !keys.includes(key)),
        [],
      )
    })

    test('pins its images', () => {
      for (const [, image = '', rest = ''] of text.matchAll(/^ *(?:- )?image: (\S+)(.*)$/gm)) {
        assert.match(image, /^[\w./-]+:v?\d[\w.-]*$/)
        if (image.startsWith('registry.example.com/')) assert.match(rest, /^ # yours, /)
      }
    })

    test('has a Deployment restarted that keeps the variables it started with', () => {
      for (const { kind, metadata } of sample.objects) {
        if (kind !== 'Deployment') continue
        const { annotations = {} } = metadata as { annotations?: Record<string, string> }
        // Beside an AwsProfile, variables hold no keys.
        const keeps = WAYS[entry.formats[0] as Format].join() === 'variables' && !entry.formats.includes('AwsProfile')
        assert.equal(annotations[RESTART], keeps ? 'true' : undefined)
      }
    })

    test('says how to apply it', () => {
      assert.match(
        sample.files['kustomization.yaml'] ?? '',
        new RegExp(`^# .+: kubectl apply -k \\S+/consumers/${name}\\n`),
      )
    })
  })
}

test("Argo's ConfigMap holds what the Secret has for it", () => {
  const sample = new ConsumerSample('argo-workflows')
  const { data } = sample.objects.find(({ kind }) => kind === 'ConfigMap') as { data: Record<string, string> }
  assert.equal(data['models'], sample.projected['models-argo']?.['artifact-repository.yaml'])
})

describe('docs/consumers.md', () => {
  const guide = new Guide('consumers.md')
  testYaml(guide)
  const rows = [...guide.text.matchAll(/^\| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$/gm)].slice(1)
  const names = (cell: string) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name)

  test('its table has each sample once, with the format that it uses', () => {
    const listed = rows.flatMap(([, , format = '', samples = '']) =>
      names(samples).map(name => ({ name, format: names(format) })),
    )
    assert.deepEqual(listed.map(({ name }) => name).sort(), consumerSamples().sort())
    for (const { name, format } of listed) assert.deepEqual(format, new ConsumerSample(name).entry.formats, name)
  })

  test('its variables for Kubeflow are keys of the Secret', () => {
    const [data = {}] = Object.values(new ConsumerSample('kubeflow-pipelines').projected)
    const [, list = ''] = /^NAMES = \[(.*)\]/m.exec(guide.text) ?? []
    const named = [...list.matchAll(/"(\w+)"/g)].map(([, name = '']) => name)
    assert.ok(named.includes('AWS_SESSION_TOKEN'))
    assert.deepEqual(
      named.filter(name => !(name in data)),
      [],
    )
  })
})

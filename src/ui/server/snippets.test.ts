import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { store } from '../../../test/support/objects.ts'
import { FORMATS } from '../../api/credentials-entry.ts'
import { snippetsOf } from './snippets.ts'

const projected = (formats: (typeof FORMATS)[number][], more: object = {}) =>
  store({ credentials: [{ name: 'step', formats, ...more }] })
const podOf = (text = '') => parse(text) as { containers: Record<string, unknown>[]; volumes?: object[] }

describe('the snippet of a format', () => {
  test('is there for each format, names the Secret, and is for somebody', () => {
    for (const format of FORMATS) {
      const keys = format === 'Keys' ? { keys: { TOKEN: 'accessKeyId' } } : {}
      const [snippet, ...others] = snippetsOf(projected([format], keys))
      assert.deepEqual(
        [snippet?.format, snippet?.secret, snippet?.namespace, others.length],
        [format, 'prod-step', 'ml', 0],
      )
      assert.match(snippet?.text ?? '', /prod-step/)
      assert.notDeepEqual(snippet?.consumers, [], format)
    }
  })

  test('mounts the Secret where the files look for each other', () => {
    const [snippet] = snippetsOf(projected(['AwsProfile'], { mountPath: '/creds' }))
    const { containers, volumes } = podOf(snippet?.text)
    assert.deepEqual(containers[0]?.['env'], [{ name: 'AWS_CONFIG_FILE', value: '/creds/config' }])
    assert.deepEqual(containers[0]?.['volumeMounts'], [{ name: 'artifact-store', mountPath: '/creds', readOnly: true }])
    assert.deepEqual(volumes, [{ name: 'artifact-store', secret: { secretName: 'prod-step' } }])
  })

  test('takes variables from the second Secret of an entry with a profile', () => {
    const secrets = snippetsOf(projected(['AwsProfile', 'Env'])).map(({ format, secret }) => [format, secret])
    assert.deepEqual(secrets, [
      ['AwsProfile', 'prod-step'],
      ['Env', 'prod-step-env'],
    ])
  })

  test('of Keys takes each key as a variable, where all are names of such', () => {
    const env = snippetsOf(projected(['Keys'], { keys: { WANDB_KEY: 'accessKeyId' } }))[0]
    assert.match(env?.text ?? '', /name: WANDB_KEY\n {8}valueFrom:/)
    const files = snippetsOf(projected(['Keys'], { keys: { 'key.id': 'accessKeyId' } }))[0]
    assert.match(files?.text ?? '', /mountPath: \/var\/run\/artifact-store/)
  })

  test('of Argo Workflows is a command that a shell reads as it is', () => {
    const [snippet] = snippetsOf(projected(['ArgoWorkflows']))
    const command = "kubectl get secret prod-step -n ml -o 'jsonpath={.data.artifact-repository\\.yaml}' | base64 -d\n"
    assert.equal(snippet?.text, command)
  })

  test('names the namespace that has the Secret', () => {
    const status = { credentials: [{ name: 'step', namespace: 'team', secretName: 'prod-step' }] }
    const elsewhere = { ...projected(['Env']), status }
    assert.equal(snippetsOf(elsewhere)[0]?.namespace, 'team')
  })
})

/** Containers of a sample that use its Secret, by what the snippets say, too. */
describe('the snippet agrees with the sample of a consumer', () => {
  const folder = join(import.meta.dirname, '../../../deploy/samples/consumers')
  for (const [sample, file, format] of [
    ['boto3', 'job.yaml', 'AwsProfile'],
    ['env-step', 'job.yaml', 'Env'],
    ['web-identity', 'deployment.yaml', 'WebIdentity'],
    ['spark', 'job.yaml', 'Hadoop'],
    ['rclone', 'job.yaml', 'Rclone'],
    ['openmetadata', 'cronjob.yaml', 'OpenMetadata'],
  ] as const) {
    test(`${sample}: ${format}`, () => {
      assert.ok(readdirSync(join(folder, sample)).includes(file))
      const text = readFileSync(join(folder, sample, file), 'utf8')
      const { metadata, spec } = parse(readFileSync(join(folder, sample, 'store.yaml'), 'utf8'))
      const [snippet] = snippetsOf(store(spec, { metadata: { ...store().metadata, name: metadata.name } }))
      const lines = (snippet?.text ?? '').split('\n').map(line => line.trim().replace(/^- /, ''))
      const own = ['containers:', 'name: main', 'args:', 'ls', 'store:', '']
      const lacking = lines.filter(line => !own.includes(line) && !text.includes(line))
      assert.deepEqual(lacking, [])
    })
  }
})

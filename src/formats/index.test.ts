import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  aws,
  azure,
  azureIdentity,
  azurite,
  context,
  minio,
  minioIdentity,
  staticKey,
} from '../../test/support/materials.ts'
import type { CredentialsEntry, Format } from '../api/artifact-store.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { SecretData } from './format.ts'
import { formatWarnings, type RenderedSecret, render, secretSuffixes } from './index.ts'

const AZURE_FORMATS: Format[] = [
  'Env',
  'WebIdentity',
  'ZenML',
  'ArgoWorkflows',
  'Hadoop',
  'Rclone',
  'Turborepo',
  'Keys',
]
const AWS_FORMATS: Format[] = ['AwsProfile', 'OpenMetadata', ...AZURE_FORMATS]

function secrets(formats: Format[], material: CredentialMaterial): RenderedSecret[] {
  const rendered = render(formats, material, context)
  assert.ok(Array.isArray(rendered), `expected Secrets, got ${JSON.stringify(rendered)}`)
  return rendered
}

describe('the Secrets of a consumer', () => {
  const cases: [name: string, formats: Format[], expected: Record<string, string[]>][] = [
    ['AwsProfile alone', ['AwsProfile'], { '': ['config'] }],
    ['Env alone', ['Env'], { '': ['AWS_REGION'] }],
    ['both are kept apart', ['AwsProfile', 'Env'], { '': ['config'], '-env': ['AWS_REGION'] }],
    ['both, in the other order', ['Env', 'AwsProfile'], { '': ['config'], '-env': ['AWS_REGION'] }],
    ['Turborepo has keys in variables too', ['AwsProfile', 'Turborepo'], { '': ['config'], '-env': ['S3_ENDPOINT'] }],
    ['variables share a Secret', ['Env', 'Turborepo'], { '': ['AWS_REGION', 'S3_ENDPOINT'] }],
    [
      'files stay where the profile is',
      ['Env', 'ZenML', 'AwsProfile', 'Rclone'],
      { '': ['artifact-store.json', 'config', 'rclone.conf'], '-env': ['AWS_REGION'] },
    ],
    ['one named twice', ['Env', 'Env'], { '': ['AWS_REGION'] }],
  ]
  for (const [name, formats, expected] of cases) {
    test(name, () => {
      const rendered = secrets(formats, aws)
      assert.deepEqual(rendered.map(({ suffix }) => suffix).sort(), Object.keys(expected))
      for (const { suffix, data } of rendered) {
        for (const key of expected[suffix] ?? []) assert.ok(key in data, `'${suffix}' has ${Object.keys(data)}`)
      }
    })
  }

  for (const [name, formats, material] of [
    ['S3', AWS_FORMATS, minioIdentity],
    ['Azure', AZURE_FORMATS, azureIdentity],
  ] as const) {
    test(`any formats for ${name} agree on what they share`, () => {
      const known = new Map<string, SecretData>()
      // What a format writes depends on two others only: on what holds keys or an identity for it.
      const alone = (format: Format, others: readonly Format[]): SecretData => {
        const all = [...new Set<Format>([...others.filter(other => GIVERS.has(other)), format])]
        const data = known.get(all.join()) ?? secrets(all, material).at(-1)?.data ?? {}
        known.set(all.join(), data)
        return data
      }
      for (const subset of subsets(formats)) {
        const rendered = secrets(subset, material)
        assert.deepEqual(
          rendered.map(({ suffix }) => suffix),
          secretSuffixes(subset),
        )
        // A consumer of one format finds it whole, whichever others were asked for.
        for (const format of subset) {
          const holders = rendered.filter(({ data }) => isPartOf(alone(format, subset), data))
          assert.equal(holders.length, 1, `${format} of ${subset}`)
        }
      }
    })
  }
})

const GIVERS: ReadonlySet<Format> = new Set(['AwsProfile', 'WebIdentity'])

function* subsets(formats: readonly Format[]): Generator<Format[]> {
  for (let bits = 1; bits < 2 ** formats.length; bits++) {
    yield formats.filter((_, index) => bits & (1 << index))
  }
}

const isPartOf = (part: SecretData, whole: SecretData): boolean =>
  Object.entries(part).every(([key, value]) => whole[key] === value)

describe('formats that are not available', () => {
  const cases: [name: string, format: Format, material: CredentialMaterial, message: RegExp, keys?: string[]][] = [
    ['AwsProfile for Azure', 'AwsProfile', azure, /for s3:\/\/ paths only: remove it$/],
    [
      'OpenMetadata for Azure, which takes no SAS token',
      'OpenMetadata',
      azureIdentity,
      /no SAS token.*: add WebIdentity/,
    ],
    ['Keys that these credentials do not have', 'Keys', { ...staticKey, prefix: '' }, /none of the values/, ['TOKEN']],
    [
      'no web identity on S3',
      'WebIdentity',
      aws,
      /needs a ServiceConnector with spec\.aws\.auth\.webIdentity, without spec\.aws\.assumeRoles.*: use .* AwsProfile$/,
    ],
    [
      'no workload identity on Azure',
      'WebIdentity',
      azure,
      /needs a ServiceConnector with spec\.azure\.auth\.workloadIdentity.*: use .* Env$/,
    ],
    ['Hadoop, an account in the path', 'Hadoop', azurite, /mlprod\.dfs\.core\.windows\.net, .* use another format/],
    [
      'Hadoop, a host that is not the account',
      'Hadoop',
      { ...azure, blobEndpoint: 'https://storage.example.com' },
      /which https:\/\/storage\.example\.com is not/,
    ],
    [
      'Hadoop, a port',
      'Hadoop',
      { ...azure, blobEndpoint: 'https://mlprod.blob.local:10000' },
      /which https:\/\/mlprod\.blob\.local:10000 is not/,
    ],
    [
      'OpenMetadata, a region of its own',
      'OpenMetadata',
      { ...minio, region: 'fr-par' },
      /"fr-par".*set spec\.aws\.region/,
    ],
  ]
  for (const [name, format, material, message, names] of cases) {
    test(name, () => {
      const keys = names && Object.fromEntries(names.map(name => [name, 'sessionToken' as const]))
      const failure = render(['Env', format], material, keys ? { ...context, keys } : context)
      assert.ok(!Array.isArray(failure))
      const { kind, intent, reason } = failure
      assert.deepEqual({ kind, intent, reason }, { kind: 'failure', intent: 'stalled', reason: 'FormatNotAvailable' })
      assert.ok(failure.message.startsWith(`spec.credentials[].formats: ${format} `), failure.message)
      assert.match(failure.message, message)
    })
  }
})

describe('warnings', () => {
  const HOUR = 60
  const cases: [
    name: string,
    formats: Format[],
    minutes: number | undefined,
    prefix: string,
    expected: RegExp[],
    access?: CredentialsEntry['access'],
  ][] = [
    ['50 min are enough', ['AwsProfile'], 50, '', []],
    ['what a service gives for 50 min', ['AwsProfile'], 50 - 1 / 60, '', []],
    [
      '49 min are short',
      ['AwsProfile', 'Env'],
      49,
      '',
      [/^credentials live 49 min: .* spec\.credentials\[\]\.duration$/],
    ],
    ['Env has nothing to read again', ['Env'], 15, 'prod/', []],
    ['keys without an end are read once', ['AwsProfile'], undefined, '', [/do not expire: .* restart consumers/]],
    ['keys without an end in Env, which is read once anyway', ['Env'], undefined, '', []],
    ['a web identity is not narrowed', ['WebIdentity'], HOUR, '', [/not narrowed to subPath and access/]],
    ['Turborepo at the top of a bucket', ['Turborepo'], HOUR, '', []],
    ['Turborepo below a prefix', ['Turborepo'], HOUR, 'a/b/', [/the team must be "a\/b" \(TURBO_TEAM\)/]],
    ['OpenMetadata with a bucket', ['OpenMetadata'], HOUR, '', []],
    ['OpenMetadata with a prefix', ['OpenMetadata'], HOUR, 'a/', [/use a store for the whole bucket/]],
    ['OpenMetadata that may not read', ['OpenMetadata'], HOUR, '', [/use access ReadOnly$/], 'WriteOnly'],
    ['Hadoop that may read', ['Hadoop'], HOUR, 'a/', [], 'ReadOnly'],
    ['Hadoop that may not', ['Hadoop'], HOUR, 'a/', [/^Hadoop: .* use access ReadWrite$/], 'WriteOnly'],
    ['several', ['WebIdentity', 'OpenMetadata'], HOUR, 'a/', [/not narrowed/, /whole bucket/]],
  ]
  for (const [name, formats, minutes, prefix, expected, access = 'ReadWrite'] of cases) {
    test(name, () => {
      const warnings = formatWarnings(formats, {
        lifetimeMs: minutes && minutes * 60_000,
        prefix,
        access,
        cloud: 'aws',
      })
      assert.equal(warnings.length, expected.length)
      for (const [index, pattern] of expected.entries()) assert.match(warnings[index] ?? '', pattern)
    })
  }
})

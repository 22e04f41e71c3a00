/** What consumers of services other than AWS are told of checksums, which such services may refuse. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aws, awsIdentity, awsVpcIdentity, context, dataOf, minioIdentity } from '../../test/support/materials.ts'
import type { Format } from '../api/artifact-store.ts'

const VARIABLES = [
  ['AWS_REQUEST_CHECKSUM_CALCULATION', 'when_required'],
  ['AWS_RESPONSE_CHECKSUM_VALIDATION', 'when_required'],
]

/** Where each format says so. */
const CASES: [format: Format, told: (data: Record<string, string>) => boolean][] = [
  [
    'AwsProfile',
    ({ config = '' }) =>
      /^request_checksum_calculation = when_required\nresponse_checksum_validation = when_required$/m.test(config),
  ],
  ...(['Env', 'WebIdentity', 'Turborepo'] as const).map((format): (typeof CASES)[number] => [
    format,
    data => VARIABLES.every(([name = '', value]) => data[name] === value),
  ]),
  [
    'ZenML',
    data => {
      const { config_kwargs: settings } = JSON.parse(data['artifact-store.json'] ?? '')
      return (
        settings.request_checksum_calculation === 'when_required' &&
        settings.response_checksum_validation === 'when_required'
      )
    },
  ],
  ['Rclone', data => /^use_data_integrity_protections = false$/m.test(data['rclone.conf'] ?? '')],
  [
    'Hadoop',
    data =>
      ['generation', 'validation'].every(kind =>
        data['core-site.xml']?.includes(`fs.s3a.bucket.ml.checksum.${kind}</name>\n    <value>false<`),
      ),
  ],
]

describe('checksums', () => {
  for (const [format, told] of CASES) {
    test(`${format} asks for no checksums that a service other than AWS may refuse`, () => {
      assert.ok(told(dataOf(format, minioIdentity)))
    })
    test(`${format} leaves the checksums of AWS as they are`, () => {
      for (const material of [awsIdentity, awsVpcIdentity]) {
        assert.doesNotMatch(JSON.stringify(dataOf(format, material)), /checksum|integrity/i)
      }
    })
  }

  test('consumers that have no such setting are given none', () => {
    for (const format of ['OpenMetadata', 'ArgoWorkflows'] as const) {
      assert.doesNotMatch(
        JSON.stringify(dataOf(format, { ...minioIdentity, bucket: aws.bucket }, context)),
        /checksum/i,
      )
    }
  })
})

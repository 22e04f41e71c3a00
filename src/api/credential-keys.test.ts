import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { azure, azureIdentity, clientOptions, context, dataOf, minioIdentity } from '../../test/support/materials.ts'
import { NAMES_OF_FORMATS } from './credential-keys.ts'

describe('keys of an entry', () => {
  test("can't take the name of any key that another format writes", () => {
    const at = { ...context, clientOptions, expirationDays: 1 }
    const formats = ['Env', 'WebIdentity', 'ZenML', 'Turborepo', 'ArgoWorkflows', 'Hadoop', 'Rclone'] as const
    const written = [
      ...[...formats, 'AwsProfile' as const, 'OpenMetadata' as const].map(format => dataOf(format, minioIdentity, at)),
      ...formats.map(format => dataOf(format, { ...azureIdentity, caPem: minioIdentity.caPem ?? '' }, at)),
      dataOf('Turborepo', azure, at),
    ]
    assert.deepEqual(
      written.flatMap(Object.keys).filter(name => !NAMES_OF_FORMATS.test(name)),
      [],
    )
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aws, awsIdentity, azure, context, minio } from '../../test/support/materials.ts'
import type { Format } from '../api/artifact-store.ts'
import { isFailure } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import { render } from './index.ts'

const inBraces = (name: string) => `\${${name}}`

describe('a value that a format can’t hold', () => {
  const cases: [what: string, format: Format, material: CredentialMaterial, says: RegExp, at?: typeof context][] = [
    [
      'a line end in a key',
      'Rclone',
      { ...minio, accessKeyId: 'AK\nbearer_token_command = id' },
      /accessKeyId has other/,
    ],
    ['a control character in a token', 'Hadoop', { ...aws, sessionToken: 'a\0b' }, /sessionToken has other/],
    ['half a character in a region', 'ZenML', { ...aws, region: 'eu\ud800' }, /region has other/],
    ['a line end in a token of a ServiceAccount', 'WebIdentity', withToken('a\nb'), /webIdentity\.token has other/],
    ['a user in an endpoint', 'Env', { ...minio, endpoint: 'https://a:b@minio' }, /endpoint is no URL of a service/],
    ['no URL at all', 'ArgoWorkflows', { ...minio, url: 'minio:99999' }, /url is no URL of a service/],
    [
      'another setting of a connection string',
      'Env',
      { ...azure, sasToken: 'sv=1;AccountName=x' },
      /sasToken has a ";"/,
    ],
    ['a time without an end', 'AwsProfile', aws, /expiresAt is no time/, { ...context, expiresAt: new Date(8e15) }],
    ['no time', 'Env', aws, /expiresAt is no time/, { ...context, expiresAt: new Date('x') }],
    ['quotes in a command', 'AwsProfile', aws, /names a command/, { ...context, mountPath: '/mnt/$(id)' }],
    [
      'a variable of Hadoop',
      'Hadoop',
      { ...aws, secretAccessKey: inBraces('env.HOME') },
      /would replace .*secret\.key/,
    ],
    ['a variable of rclone', 'Rclone', { ...aws, secretAccessKey: 'a%(region)s' }, /would not read secret_access_key/],
    ['a quote of rclone', 'Rclone', { ...aws, secretAccessKey: '`a`' }, /would not read secret_access_key/],
    ['a template of Argo', 'ArgoWorkflows', { ...aws, prefix: '{{workflow.name}}/' }, /would replace .* in prefix/],
  ]
  for (const [what, format, material, says, at = context] of cases) {
    test(`${what} is refused by ${format}, by the name of the value`, () => {
      const failure = render([format], material, at)
      assert.ok(isFailure(failure), JSON.stringify(failure))
      assert.equal(failure.intent, 'stalled')
      assert.match(failure.message, says)
    })
  }

  test('braces and percent signs that no consumer replaces are taken', () => {
    for (const secretAccessKey of ['a${b', '%(a', '{{', 'a"b', '#;=']) {
      for (const format of ['Hadoop', 'Rclone', 'ArgoWorkflows', 'AwsProfile'] as const) {
        assert.ok(!isFailure(render([format], { ...aws, secretAccessKey }, context)), `${format}: ${secretAccessKey}`)
      }
    }
  })
})

function withToken(token: string): CredentialMaterial {
  assert.ok(awsIdentity.webIdentity)
  return { ...awsIdentity, webIdentity: { ...awsIdentity.webIdentity, token } }
}

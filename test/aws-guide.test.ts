/** Checks that the guide to AWS says what the code does. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyText } from '../src/cli/policy/documents.ts'
import { sheetOf } from '../src/cli/policy/sheets.ts'
import { EXTRA_PERMISSIONS } from '../src/providers/s3/probe/extra-permissions.ts'
import { Guide, sources, testExamples, testReasons } from './guides.ts'
import { connector, store } from './support/objects.ts'

const guide = new Guide('aws.md', 'aws-buckets.md', 'aws-troubleshooting.md')

testReasons(guide, 'azure/')
testExamples(guide)

describe('permissions in docs/aws.md', () => {
  const rows = [...guide.text.matchAll(/^\| `((?:s3|cloudwatch):\w+)` \| (\w[^|]*?) \| ([^|]*?) \|$/gm)].map(
    ([, action = '', probe, when]) => ({ action, probe, when }),
  )

  test('the table has those of the code, with their probes', () => {
    for (const { action, probe, awsOnly } of EXTRA_PERMISSIONS) {
      const when = `when required${awsOnly ? ', on AWS' : ''}`
      assert.deepEqual(
        rows.find(row => row.action === action),
        { action, probe, when },
      )
    }
    const probed = sources('providers/s3')
    assert.deepEqual(
      rows.filter(({ action }) => !probed.includes(`'${action}'`)),
      [],
    )
  })

  test('those to paste have a probe', () => {
    const probed = rows.map(({ action }) => action)
    const required = [...guide.section('permissions').matchAll(/^ {4}- (\S+)$/gm)].map(([, action = '']) => action)
    assert.ok(required.length > 20)
    assert.deepEqual(
      required.filter(action => !probed.includes(action)),
      [],
    )
  })

  test('the policy of an identity is the one that the command line prints', () => {
    const spec = {
      aws: { auth: { accessKey: { secretName: 'keys' } }, assumeRoles: [{ roleArn: 'arn:aws:iam::1:role/x' }] },
    }
    const credentials = [{ name: 'step', formats: ['AwsProfile' as const] }]
    const of = store({ path: 's3://acme-models/team-a', credentials })
    const sheet = sheetOf({ connector: connector({ spec }), stores: [of], store: of, facts: {} }, {})
    assert.ok(sheet && sheet.cloud !== 'Azure')
    const identity = sheet.grants.findLast(grant => grant.kind === 'identity')
    assert.ok(identity)
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(guide.section('policy')) ?? []
    assert.deepEqual(JSON.parse(text), JSON.parse(policyText(identity.statements)))
  })

  for (const [index, text] of guide.blocks('json').entries()) {
    test(`policy ${index + 1} is valid`, () => {
      const { Version, Statement } = JSON.parse(text)
      assert.equal(Version, '2012-10-17')
      assert.ok(Statement.length > 0)
    })
  }
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { connector, store } from '../../../test/support/objects.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { type Asked, sheetOf, textOfForm } from './sheets.ts'

const ROLE = 'arn:aws:iam::111111111111:role/artifacts'
const NEXT = 'arn:aws:iam::222222222222:role/data'
const web = (roleArn?: string) => ({ webIdentity: { serviceAccountName: 'runner', ...(roleArn ? { roleArn } : {}) } })
const CHAIN: ServiceConnectorSpec = { aws: { auth: web(ROLE), assumeRoles: [{ roleArn: NEXT }] } }

/** A stand-in for the AWS CLI: the account of its credentials, and a bucket policy. It tells its commands. */
const AWS = `aws() {
  case $2 in
  get-caller-identity) printf '%s\\n' "$CALLER" ;;
  get-bucket-policy) if [ -n "$THERE" ]; then printf '%s\\n' "$THERE"; else echo NoSuchBucketPolicy >&2; return 254; fi ;;
  get-*) return 254 ;;
  *) printf '%s\\0' "$*" ;;
  esac
}
`

function run(script: string, env: Record<string, string>) {
  const ran = spawnSync('sh', ['-c', script.replace('#!/bin/sh\n', `#!/bin/sh\n${AWS}`)], {
    env: { PATH: process.env['PATH'] ?? '', CALLER: '111111111111', THERE: '', ...env },
    encoding: 'utf8',
  })
  return { code: ran.status, calls: ran.stdout.split('\0').filter(Boolean), told: ran.stderr }
}

function scriptFor(spec: ServiceConnectorSpec, change: Partial<Asked> = {}): string {
  const sheet = sheetOf(
    { connector: connector({ spec }), stores: [store()], facts: { issuer: 'https://oidc.test' }, ...change },
    {},
  )
  assert.ok(sheet)
  return textOfForm(sheet, 'aws-cli')
}

describe('a script for AWS', () => {
  test('does what is for the account of its credentials, and says what is left for another', () => {
    const script = scriptFor(CHAIN)
    const first = run(script, {})
    assert.equal(first.code, 0, first.told)
    assert.ok(first.calls.some(call => /^iam create-role --role-name=artifacts /.test(call)))
    assert.ok(!first.calls.some(call => call.includes('--role-name=data')))
    assert.match(
      first.told,
      /left out what is for account 222222222222: run this again with credentials of that account/,
    )
    const second = run(script, { CALLER: '222222222222' })
    assert.deepEqual(
      second.calls.map(call => call.split(' ').slice(1, 3).join(' ')),
      ['create-role --role-name=data', 'wait role-exists', 'put-role-policy --role-name=data'],
    )
  })

  for (const [what, spec] of [
    ['one account', { aws: { auth: web(ROLE) } }],
    ['several', CHAIN],
  ] as [string, ServiceConnectorSpec][]) {
    test(`for ${what} changes nothing with credentials of another account`, () => {
      const { code, calls, told } = run(scriptFor(spec), { CALLER: '999999999999' })
      assert.deepEqual([code, calls], [1, []])
      assert.match(told, /these are credentials of account 999999999999, and this is for accounts? 111111111111/)
    })
  }

  test('changes nothing for a role whose ARN names no account', () => {
    const { code, calls, told } = run(scriptFor({ aws: { auth: web('arn:aws:iam:::role/artifacts') } }), {})
    assert.deepEqual([code, calls], [1, []])
    assert.match(told, /correct the ARN of the role/)
  })

  test('takes no role from an annotation that is no ARN of a role', () => {
    for (const role of ['arn:aws:iam::111111111111:role/a\0', "arn:aws:iam::111111111111:role/a' b", 'admin']) {
      const annotations = { 'eks.amazonaws.com/role-arn': role }
      const script = scriptFor({ aws: { auth: web() } }, { facts: { issuer: 'https://oidc.test', annotations } })
      assert.match(script, /^: "\$\{ROLE_NAME:\?\}"$/m)
    }
  })

  test('takes the account of its credentials for that of the role only where there is no other account', () => {
    const unknown: ServiceConnectorSpec = { aws: { auth: web() } }
    assert.equal(run(scriptFor(unknown), { ROLE_NAME: 'made' }).code, 0)
    const chained: ServiceConnectorSpec = { aws: { auth: web(), assumeRoles: [{ roleArn: NEXT }] } }
    const given = run(scriptFor(chained), { ROLE_NAME: 'made', CALLER: '222222222222' })
    assert.deepEqual([given.code === 0, given.calls], [false, []])
    assert.match(given.told, /ACCOUNT_ID/)
    const told = run(scriptFor(chained), { ROLE_NAME: 'made', ACCOUNT_ID: '111111111111' }).told
    assert.match(told, /run this again .*, and with ACCOUNT_ID=111111111111 ROLE_NAME=made$/m)
  })

  test('waits for a role before what names it', () => {
    const { calls } = run(scriptFor({ aws: { auth: web(ROLE) } }), {})
    const at = (part: string) => calls.findIndex(call => call.includes(part))
    assert.ok(at('create-role') < at('wait role-exists') && at('wait role-exists') < at('put-role-policy'))
  })

  test('names a key that is given by an alias as grants take it, in the region of the key', () => {
    const kmsKeyId = 'arn:aws:kms:eu-west-3:333333333333:alias/k'
    const keyed = store({ encryption: { type: 'SSE-KMS', kmsKeyId } })
    const script = scriptFor({ aws: { auth: web(ROLE) } }, { stores: [keyed] })
    assert.match(
      script,
      /if key=\$\(aws kms describe-key --region=eu-west-3 --key-id=arn:aws:kms:eu-west-3:333333333333:alias\/k /,
    )
    assert.match(script, /aws kms create-grant --region=eu-west-3 --name=\S+ .* --key-id="\$key"/)
  })
})

describe('the policy of a bucket of another account', () => {
  const script = scriptFor({ aws: { auth: web(ROLE) } }, { bucketAccount: '333333333333' })
  const put = (THERE: string) => {
    const { code, calls, told } = run(script, { CALLER: '333333333333', THERE })
    const text = calls.find(call => call.includes('put-bucket-policy'))?.replace(/^.*--policy[= ]/, '')
    return { code, told, policy: text === undefined ? undefined : JSON.parse(text) }
  }
  const others = { Sid: 'Others', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::bucket'] }

  test('is made where the bucket has none', () => {
    assert.ok(put('').policy.Statement.length >= 2)
  })

  for (const space of [undefined, 2]) {
    test(`keeps what the bucket has already, and gets nothing twice (spaces: ${space ?? 'none'})`, () => {
      const there = { Version: '2012-10-17', Id: 'of-others', Statement: [others] }
      const { policy } = put(JSON.stringify(there, null, space))
      assert.deepEqual([policy.Id, policy.Statement.at(-1)], ['of-others', others])
      assert.equal(policy.Statement.length, put('').policy.Statement.length + 1)
      const again = put(JSON.stringify(policy, null, space))
      assert.deepEqual([again.code, again.policy], [0, undefined])
    })
  }

  for (const there of [{ Statement: others }, { Id: 'Statement', Statement: [others] }]) {
    test(`is left alone, and that is said, where it can't be added to: ${Object.keys(there)}`, () => {
      const { code, told, policy } = put(JSON.stringify({ Version: '2012-10-17', ...there }))
      assert.deepEqual([code, policy], [1, undefined])
      assert.match(told, /add the statements by hand/)
    })
  }
})

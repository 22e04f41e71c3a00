import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { HOSTILE_NAMES } from '../../../test/support/hostile-names.ts'
import { connector, store } from '../../../test/support/objects.ts'
import type { ArtifactStoreSpec } from '../../api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { dataOf } from './data.ts'
import { explained } from './explain.ts'
import { hole, lineOf, piecesOf, shownHoles, unknownsIn, withVariables } from './holes.ts'
import type { Sheet } from './sheet.ts'
import { type Asked, CLOUDS_OF, FORMS, sheetOf, textOfForm } from './sheets.ts'
import { readyCommand } from './shell-commands.ts'

const FACTS = {
  issuer: 'https://oidc.test',
  annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' },
  cluster: 'uid',
}
const named = (stores: Partial<ArtifactStoreSpec>[]) =>
  stores.map((one, at) =>
    store(one, { metadata: { name: `prod-${at}`, namespace: 'ml', uid: `uid-${at}`, resourceVersion: '1' } }),
  )
const sheet = (
  spec: ServiceConnectorSpec,
  stores: Partial<ArtifactStoreSpec>[] = [{}],
  change: Partial<Asked> = {},
): Sheet => {
  const found = sheetOf({ connector: connector({ spec }), stores: named(stores), facts: FACTS, ...change }, {})
  assert.ok(found)
  return found
}
const WEB: ServiceConnectorSpec = { aws: { auth: { webIdentity: { serviceAccountName: 'runner' } } } }
const KEY: ServiceConnectorSpec = { aws: { auth: { accessKey: { secretName: 'keys' } } } }
const MINIO: ServiceConnectorSpec = {
  aws: { endpoint: 'https://minio.test', auth: { accessKey: { secretName: 'keys' } } },
}
const AZURE: ServiceConnectorSpec = {
  azure: { accountName: 'acme', auth: { workloadIdentity: { serviceAccountName: 'runner', clientId: 'client-1' } } },
}
const SAS: ServiceConnectorSpec = { azure: { accountName: 'acme', auth: { sasToken: { secretName: 'sas' } } } }
const AZ = { path: 'az://models/team' }

describe('a hole', () => {
  const text = `arn:aws:iam::${hole('ACCOUNT_ID')}:role/it's`

  test('is a name in brackets for people, and a variable for a shell', () => {
    assert.equal(shownHoles(text), "arn:aws:iam::<ACCOUNT_ID>:role/it's")
    assert.equal(withVariables(lineOf(['echo', text])), `echo arn:aws:iam::"$ACCOUNT_ID"':role/it'\\''s'`)
  })

  test('is nothing that the cluster can write', () => {
    const hostile = `s3://bucket/${hole('PATH')}`
    const found = sheet(WEB, [{ path: hostile, encryption: { type: 'SSE-KMS', kmsKeyId: hole('HOME') } }])
    assert.deepEqual(
      unknownsIn(JSON.stringify(found), found.unknowns).map(({ name }) => name),
      [],
    )
    assert.ok(!piecesOf(textOfForm(found, 'aws-cli')).some(piece => 'hole' in piece))
  })

  test('is filled by a command, after what that command needs', () => {
    const known = [
      { name: 'ID', how: 'id', command: 'printf one' },
      { name: 'NAME', how: 'name', command: `printf %s-two ${hole('ID')}` },
      { name: 'GIVEN', how: 'given' },
    ]
    const { command, needs } = readyCommand(lineOf(['echo', `${hole('NAME')}.`, hole('GIVEN')]), known)
    assert.deepEqual(needs, ['GIVEN'])
    const run = (env: Record<string, string>) => execFileSync('sh', ['-c', command], { env, stdio: 'pipe' }).toString()
    assert.equal(run({ GIVEN: 'a b' }), 'one-two. a b\n')
    assert.equal(run({ GIVEN: 'a', NAME: 'mine' }), 'mine. a\n')
    assert.throws(() => run({}), /GIVEN/)
  })
})

/** What Terraform evaluates in a string. */
const INTERPOLATED = (text: string) => `\${${text}}`

describe('names that are hostile', () => {
  for (const name of HOSTILE_NAMES) {
    const spec: ServiceConnectorSpec = {
      aws: {
        auth: { webIdentity: { serviceAccountName: name, roleArn: `arn:aws:iam::1:role/${name}`, audience: name } },
        assumeRoles: [{ roleArn: `arn:aws:iam::2:role/${name}`, externalId: name }],
      },
    }
    const verification = { require: [name] }
    const at = { encryption: { type: 'SSE-KMS' as const, kmsKeyId: `arn:aws:kms:r:3:key/${name}` }, verification }
    const found = sheet(spec, [at], { bucketAccount: '3', facts: { ...FACTS, issuer: `https://${name}` } })

    test(`break no shell, and reach the tool as they are: ${JSON.stringify(name)}`, () => {
      // The tool prints its words, each in a line of hexadecimal digits, and finds nothing.
      const tool = `aws() {
        case $2 in get-caller-identity) echo "$OF"; return ;; get-*) echo NoSuchBucketPolicy; return 1 ;; esac
        for word in "$@"; do printf "%s" "$word" | od -An -tx1 | tr -d " \\n"; echo; done
      }\n`
      const script = textOfForm(found, 'aws-cli').replace('#!/bin/sh\n', `#!/bin/sh\n${tool}`)
      const out = ['1', '2', '3']
        .map(OF => execFileSync('sh', ['-c', script], { env: { ...process.env, OF }, stdio: 'pipe' }).toString())
        .join('')
      const words = out.split('\n').map(line => Buffer.from(line, 'hex').toString())
      assert.ok(words.includes(`--role-name=${name.split('/').at(-1)}`), words.join('\n'))
      const documents = words.filter(word => word.startsWith('{'))
      assert.ok(documents.length >= 5)
      assert.ok(
        documents.some(document =>
          JSON.stringify(JSON.parse(document)).includes(JSON.stringify(`https://${name}`.slice(8)).slice(1, -1)),
        ),
      )
    })

    test(`break no file of Terraform: ${JSON.stringify(name)}`, () => {
      const { resource } = JSON.parse(textOfForm(found, 'terraform'))
      const values = JSON.stringify(resource)
      assert.doesNotMatch(
        values,
        /(^|[^$])(\$\$)*\$\{(?!data\.aws_iam_policy_document\.bucket_\d+\.json\}|compact\(|var\.(?!x))/,
      )
      assert.doesNotMatch(values, /(^|[^%])(%%)*%\{/)
    })

    test(`do nothing to a terminal: ${JSON.stringify(name)}`, () => {
      for (const { title, words, lines } of explained(found)) assert.ok([title, ...words, ...lines].length > 0)
      assert.doesNotMatch(textOfForm(found, 'aws-cli').replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    })
  }
})

describe('each form', () => {
  const sheets = { AWS: sheet(WEB), S3: sheet(MINIO), Azure: sheet(AZURE, [AZ]) }
  for (const form of FORMS) {
    for (const cloud of CLOUDS_OF[form]) {
      test(`${form} has all that is to be done for ${cloud}`, () => {
        const text = textOfForm(sheets[cloud], form)
        assert.ok(text.endsWith('\n') && text.length > 200)
        if (form !== 'terraform') execFileSync('sh', ['-n', '-c', text])
      })
    }
  }

  test('terraform has a variable for each hole, and roles before their policies', () => {
    const { variable, resource } = JSON.parse(textOfForm(sheet(KEY), 'terraform'))
    assert.deepEqual(Object.keys(variable), ['user_name'])
    assert.equal(resource.aws_iam_user_policy.policy_1.user, INTERPOLATED('var.user_name'))
    const { aws_iam_role_policy } = JSON.parse(textOfForm(sheet(WEB), 'terraform')).resource
    const [policy] = Object.values(aws_iam_role_policy) as { role: string; policy: string; depends_on: string[] }[]
    assert.deepEqual([policy?.role, policy?.depends_on], ['x', ['aws_iam_role.role_1']])
    assert.deepEqual(JSON.parse(policy?.policy ?? '').Version, '2012-10-17')
  })

  test('terraform asks for one provider for each account', () => {
    const spec: ServiceConnectorSpec = {
      aws: {
        ...WEB.aws,
        auth: { webIdentity: { serviceAccountName: 'runner' } },
        assumeRoles: [{ roleArn: 'arn:aws:iam::2:role/y' }],
      },
    }
    const { terraform, resource } = JSON.parse(textOfForm(sheet(spec), 'terraform'))
    assert.deepEqual(terraform.required_providers.aws.configuration_aliases, ['aws.account_1', 'aws.account_2'])
    assert.equal(resource.aws_iam_role.role_2.provider, 'aws.account_2')
  })

  test('data has documents as APIs take them, and says what is to be filled in', () => {
    const data = dataOf(sheet(KEY)) as { grants: { document: string }[]; unknowns: { name: string }[] }
    assert.equal(JSON.parse(data.grants[0]?.document ?? '').Statement.length > 0, true)
    assert.deepEqual(
      data.unknowns.map(({ name }) => name),
      ['ACCESS_KEY_ID', 'ACCOUNT_ID', 'USER_NAME'],
    )
  })

  test('a SAS token has its letters, and whether one container is enough', () => {
    const one = sheet(SAS, [AZ])
    assert.match(
      textOfForm(one, 'az-cli'),
      /az storage container generate-sas --account-name=acme --name=models --permissions=rwdl/,
    )
    assert.match(
      textOfForm(sheet(SAS, [AZ, { path: 'az://other' }]), 'az-cli'),
      /az storage account generate-sas .*--resource-types=co/,
    )
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, store } from '../../../test/support/objects.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { factsOfPeers } from './peers.ts'
import { sheetOf, textOfForm } from './sheets.ts'

const auth = { webIdentity: { serviceAccountName: 'runner' } }
const AT_MINIO: ServiceConnectorSpec = { aws: { endpoint: 'https://minio.test', auth } }
const AT_AWS: ServiceConnectorSpec = {
  aws: { auth: { webIdentity: { serviceAccountName: 'runner', roleArn: 'arn:aws:iam::111111111111:role/shared' } } },
}
const USER: ServiceConnectorSpec = { aws: { auth: { accessKey: { secretName: 'keys' } } } }
const SAS: ServiceConnectorSpec = { azure: { accountName: 'acme', auth: { sasToken: { secretName: 'sas' } } } }

const named = (name: string, path: string, namespace = 'ml', connectorName = 'one'): ArtifactStore =>
  store(
    { path, connectorRef: { name: connectorName } },
    { metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: '1' } },
  )

/** What is printed for the first store, where the others are there, too. */
function sheetFor(spec: ServiceConnectorSpec, stores: ArtifactStore[], notes: string[] = []) {
  const [first] = stores
  assert.ok(first)
  const one = connector({ spec }, 'one')
  const connectors = [one, connector({ spec }, 'other')]
  const facts = { issuer: 'https://oidc.test', ...factsOfPeers(one, { connectors, stores, notes }) }
  const sheet = sheetOf({ connector: one, stores: [], store: first, facts }, {})
  assert.ok(sheet)
  return sheet
}

describe('what is printed for one store', () => {
  const [own, beside] = [named('own', 's3://own/a'), named('beside', 's3://beside/b')]
  const ofOther = named('third', 's3://third/c', 'ml', 'other')

  test('has what all stores need that share the policy of a role at MinIO, also by another connector', () => {
    const text = textOfForm(sheetFor(AT_MINIO, [own, beside, ofOther]), 'mc')
    for (const bucket of ['own/a/', 'beside/b/', 'third/c/'])
      assert.ok(text.includes(`arn:aws:s3:::${bucket}*`), bucket)
    // Anybody who may write a store has its bucket in the policy.
    assert.match(text, /what each of the stores in this cluster needs \(3: ml\/own, ml\/beside, ml\/third\)/)
  })

  for (const [what, here, there] of [
    ['gets its role from an annotation', {}, { roleArn: 'arn:minio:iam:::role/x' }],
    ['is given the role that the other one is annotated with', { roleArn: 'arn:minio:iam:::role/x' }, {}],
    [
      'writes the same endpoint in another way',
      { endpoint: 'https://minio.test' },
      { endpoint: 'https://MinIO.test:443/' },
    ],
  ] as const) {
    test(`has what all stores need of one policy at MinIO, where the connector ${what}`, () => {
      const specOf = ({ roleArn, endpoint = 'https://minio.test' }: { roleArn?: string; endpoint?: string }) => ({
        aws: { endpoint, auth: { webIdentity: { serviceAccountName: 'runner', ...(roleArn ? { roleArn } : {}) } } },
      })
      const one = connector({ spec: specOf(here) }, 'one')
      const connectors = [one, connector({ spec: specOf(there) }, 'other')]
      const peers = factsOfPeers(one, { connectors, stores: [own, ofOther], notes: [] })
      const sheet = sheetOf({ connector: one, stores: [], store: own, facts: peers }, {})
      assert.deepEqual(sheet?.of.stores, ['ml/own', 'ml/third'])
    })
  }

  test('has nothing of another role at MinIO, where status says that it is another', () => {
    const one = connector({ spec: AT_MINIO, status: { principal: 'arn:minio:iam:::role/x' } }, 'one')
    const other = connector({ spec: AT_MINIO, status: { principal: 'arn:minio:iam:::role/y' } }, 'other')
    const peers = factsOfPeers(one, { connectors: [one, other], stores: [own, ofOther], notes: [] })
    const sheet = sheetOf({ connector: one, stores: [], store: own, facts: peers }, {})
    assert.deepEqual(sheet?.of.stores, ['ml/own'])
  })

  test('says at MinIO who loses rights, where not all stores may be read', () => {
    const { notes } = sheetFor(AT_MINIO, [own], ['only of namespace "ml": you may not list'])
    assert.ok(
      notes.some(note => /takes away what others need that you may not read \(only of namespace "ml"/.test(note)),
    )
  })

  test('has at AWS what this store needs, by a policy that no other store has', () => {
    const sheets = [
      ...[sheetFor(AT_AWS, [own, beside]), sheetFor(AT_AWS, [beside, own])],
      // Names that would be one without their namespaces.
      ...[named('b-c', 's3://xyz/y', 'a'), named('c', 's3://xyz/y', 'a-b')].map(one => sheetFor(AT_AWS, [one])),
    ]
    const names = sheets.flatMap(sheet =>
      sheet.cloud === 'AWS' ? sheet.grants.flatMap(grant => (grant.kind === 'identity' ? grant.name : [])) : [],
    )
    assert.equal(new Set(names).size, 4)
    assert.ok(!JSON.stringify(sheets[0]).includes('beside/b'))
  })

  test('is another policy for a store of the same name in another cluster', () => {
    const there: ArtifactStore = { ...own, metadata: { ...own.metadata, uid: 'another' } }
    const [here, elsewhere] = [own, there].map(one => textOfForm(sheetFor(USER, [one]), 'aws-cli'))
    const policies = [here, elsewhere].map(text => /--policy-name=(\S+)/.exec(text ?? '')?.[1])
    assert.match(policies[0] ?? '', /^artifact-store-ml\.own-[0-9a-f]{8}$/)
    assert.notEqual(policies[0], policies[1])
  })

  test('is a SAS token for all stores of its Secret, as the Secret has one', () => {
    const sheet = sheetFor(SAS, [named('own', 'az://own/a'), named('beside', 'az://beside/b')])
    assert.match(textOfForm(sheet, 'az-cli'), /az storage account generate-sas/)
  })

  test('is a managed policy where the stores of a user need more than its inline policies have room for', () => {
    const many = Array.from({ length: 12 }, (_, at) => named(`s-${at}`, `s3://bucket-${at}/team-${at}`))
    const sheet = sheetFor(USER, many)
    const text = textOfForm(sheet, 'aws-cli')
    assert.match(text, /aws iam create-policy --policy-name=artifact-store-ml\.s-0-/)
    assert.match(
      text,
      /aws iam attach-user-policy --user-name="\$USER_NAME" --policy-arn=arn:aws:iam::"\$ACCOUNT_ID":policy\/artifact-store/,
    )
    assert.doesNotMatch(text, /put-user-policy/)
    assert.ok(
      sheet.notes.some(note => /more than the 10 that IAM lets it have: use "policy connector\/one"/.test(note)),
    )
    assert.ok(
      Object.keys(JSON.parse(textOfForm(sheet, 'terraform')).resource).includes('aws_iam_user_policy_attachment'),
    )
  })

  test('says so where no policies of IAM, and no policy of a bucket, have room', () => {
    const prefix = 'x'.repeat(300)
    const many = Array.from({ length: 250 }, (_, at) => named(`s-${at}`, `s3://bucket/${prefix}-${at}`))
    const one = connector({ spec: AT_AWS }, 'one')
    const sheet = sheetOf({ connector: one, stores: many, facts: {}, bucketAccount: '333333333333' }, {})
    assert.ok(sheet)
    assert.ok(
      sheet.notes.some(note => /an identity of IAM has 20 at most/.test(note)),
      JSON.stringify(sheet.notes),
    )
    assert.ok(
      sheet.notes.some(note => /^the policy of bucket bucket would have \d+ bytes, and S3 takes 20480/.test(note)),
    )
    assert.doesNotMatch(textOfForm(sheet, 'aws-cli'), /put-bucket-policy/)
  })
})

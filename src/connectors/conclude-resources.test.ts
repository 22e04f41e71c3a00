import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, KEY_SPEC, NOW } from '../../test/support/objects.ts'
import type { Condition } from '../api/conditions.ts'
import { type Failure, stalled, transient } from '../api/failures.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Resources } from '../providers/provider.ts'
import { concludeResources } from './conclude-resources.ts'

const WHO = 'arn:aws:iam::1:role/x'
const READY: Condition = { type: 'Ready', status: 'True', lastTransitionTime: 'then', reason: 'A', message: 'a' }
const LISTED: Condition = {
  type: 'ResourcesListed',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: 'then',
  reason: 'Listed',
  message: 'there is a bucket for every entry of spec.resources',
}

const buckets = (...uris: string[]): Resources => ({
  kind: 'resources',
  resources: uris.map(uri => ({ uri })),
  truncated: false,
})
const answered = (answer: Resources | Failure) => ({ answer, principal: WHO })
const denied = stalled('ListDenied', 'it may not list')
const down = transient('EndpointUnreachable', 'no answer')

const asking = (resources: string[] | undefined, status?: ServiceConnector['status']): ServiceConnector =>
  connector({ spec: { ...KEY_SPEC, ...(resources ? { resources } : {}) }, ...(status ? { status } : {}) })

/** A connector whose buckets were listed before, for this generation or for another. */
const known = (resources: string[] | undefined, observedGeneration = 1): ServiceConnector =>
  asking(resources, {
    observedGeneration,
    conditions: [READY, ...(resources ? [LISTED] : [])],
    resources: [{ uri: 's3://ml-old' }],
    resourcesTruncated: true,
  })

interface Case {
  name: string
  before: ServiceConnector
  answer: Resources | Failure
  /** URIs, and `...` when there are more. */
  resources: string[] | undefined
  condition?: string
  message?: RegExp
}

const cases: Case[] = [
  {
    name: 'all buckets',
    before: asking(undefined),
    answer: buckets('s3://a', 's3://b'),
    resources: ['s3://a', 's3://b'],
  },
  { name: 'no bucket', before: asking(undefined), answer: buckets(), resources: [] },
  {
    name: 'more than are shown',
    before: asking(undefined),
    answer: { ...buckets('s3://a'), truncated: true },
    resources: ['s3://a', '...'],
  },
  { name: 'may list none, and was not told which', before: known(undefined), answer: denied, resources: undefined },
  {
    name: 'every entry has a bucket',
    before: asking(['s3://ml-*', 's3://shared']),
    answer: buckets('s3://ml-a', 's3://shared'),
    resources: ['s3://ml-a', 's3://shared'],
    condition: 'True/Listed',
    message: /^there is a bucket for every entry of spec.resources$/,
  },
  {
    name: 'entries without a bucket',
    before: asking(['s3://ml-prod', 's3://tmp-*', 's3://shared']),
    answer: buckets('s3://ml-prod2', 's3://shared'),
    resources: ['s3://ml-prod2', 's3://shared'],
    condition: 'False/NotListed',
    message:
      /^spec.resources: s3:\/\/ml-prod, s3:\/\/tmp-\*: arn:aws:iam::1:role\/x can list no such bucket: create it, /,
  },
  {
    name: 'so many that an entry may be among the rest',
    before: asking(['s3://*', 's3://zoo']),
    answer: { ...buckets('s3://a', 's3://b'), truncated: true },
    resources: ['s3://a', 's3://b', '...'],
    condition: 'True/Truncated',
    message: /^more than 2 buckets match/,
  },
  {
    name: 'may list none of the entries',
    before: known(['s3://ml']),
    answer: denied,
    resources: undefined,
    condition: 'False/ListDenied',
    message: /^it may not list$/,
  },
  {
    name: 'no answer, but there was one: it stays',
    before: known(['s3://ml-*']),
    answer: down,
    resources: ['s3://ml-old', '...'],
    condition: 'True/Listed',
  },
  {
    name: 'no answer yet to other entries',
    before: known(['s3://new'], 0),
    answer: down,
    resources: undefined,
    condition: 'Unknown/EndpointUnreachable',
    message: /^no answer$/,
  },
  { name: 'no answer, and nobody names buckets', before: asking(undefined), answer: down, resources: undefined },
]

describe('concludeResources', () => {
  for (const { name, before, answer, resources, condition, message = /./ } of cases) {
    test(name, () => {
      const { conditions: given = [READY] } = before.status ?? {}
      const seen = concludeResources(before, answered(answer), given, NOW)
      const uris = seen.resources?.map(({ uri }) => uri)
      assert.deepEqual(seen.resourcesTruncated ? [...(uris ?? []), '...'] : uris, resources)
      const [ready, listed, ...rest] = seen.conditions
      assert.equal(ready, READY)
      assert.equal(listed && `${listed.status}/${listed.reason}`, condition)
      if (listed) assert.match(listed.message, message)
      assert.deepEqual(rest, [])
    })
  }

  test('the same answer changes nothing', () => {
    const before = asking(['s3://ml'], { observedGeneration: 1, conditions: [READY, LISTED] })
    const { conditions = [] } = before.status ?? {}
    assert.equal(concludeResources(before, answered(buckets('s3://ml')), conditions, NOW).conditions, conditions)
  })

  test('the entries are taken out of the spec: nobody asks for the condition', () => {
    assert.deepEqual(concludeResources(asking(undefined), answered(buckets()), [READY, LISTED], NOW).conditions, [
      READY,
    ])
  })

  test('regions are shown where they are known', () => {
    const answer: Resources = {
      kind: 'resources',
      resources: [
        { uri: 's3://a', region: 'eu-west-1' },
        { uri: 's3://b', region: undefined },
      ],
      truncated: false,
    }
    assert.deepEqual(concludeResources(asking(undefined), answered(answer), [], NOW).resources, [
      { uri: 's3://a', region: 'eu-west-1' },
      { uri: 's3://b' },
    ])
  })
})

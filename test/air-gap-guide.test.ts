/** Checks that docs/air-gap.md names the hosts that the code and the SDKs call. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { PUBLIC_AUTHORITY, storageSuffixOf } from '../src/providers/azure/clouds.ts'
import { Guide, sources } from './guides.ts'

const guide = new Guide('air-gap.md')
/** It has the hosts of the other clouds of Azure. */
const azureGuide = new Guide('azure-containers.md')
/** The hosts in the first column of the guide's tables. */
const hosts = [...guide.text.matchAll(/^\| (`[^|]+) \| (?:\d+|its own) \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
)
const region = 'eu-west-1'
const asInGuide = (url: URL | undefined): string | undefined => url?.hostname.replace(region, '<region>')

describe('hosts in docs/air-gap.md', () => {
  test('are those of the SDK for S3, STS and CloudWatch', () => {
    const s3 = new S3Client({ region }).config.endpointProvider
    const urls = [
      s3({ Region: region, Bucket: 'bucket' }).url,
      s3({ Region: region }).url,
      new STSClient({ region }).config.endpointProvider({ Region: region }).url,
      new CloudWatchClient({ region }).config.endpointProvider({ Region: region }).url,
    ]
    const expected = urls.map(asInGuide).map(host => host?.replace(/^bucket\./, '<bucket>.'))
    assert.deepEqual(
      expected.filter(host => !host || !hosts.includes(host)),
      [],
    )
  })

  test('are those of Entra and of storage accounts', () => {
    const suffix = storageSuffixOf(PUBLIC_AUTHORITY)
    for (const host of [new URL(PUBLIC_AUTHORITY).hostname, `<account>.blob.${suffix}`]) assert.ok(hosts.includes(host))
  })

  test('are all that the sources name', () => {
    const named = [...sources('.').matchAll(/['`]https?:\/\/([a-z0-9][a-z0-9.-]*\.[a-z0-9.-]+)/g)].map(
      ([, host = '']) => host,
    )
    const known = [...hosts, ...EXAMPLES].map(host => host.replace(/^<\w+>\./, ''))
    assert.deepEqual(
      [...new Set(named)].filter(
        host => !azureGuide.text.includes(host) && !known.some(name => host === name || host.endsWith(`.${name}`)),
      ),
      [],
    )
  })
})

/** Hosts in the sources that nobody calls: they show the form of a value, name a namespace of XML, or are this machine. */
const EXAMPLES = ['127.0.0.1', 'example.com', 's3.amazonaws.com', 'storage.azure.com']

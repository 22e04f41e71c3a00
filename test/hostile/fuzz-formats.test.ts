/**
 * What formats write is read back by the grammar of its consumer: it has exactly the settings that were meant, whatever
 * the values are. What a grammar can't hold is a Failure.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Format } from '../../src/api/artifact-store.ts'
import { isFailure } from '../../src/api/failures.ts'
import type { CredentialMaterial } from '../../src/api/material.ts'
import { type RenderContext, render } from '../../src/formats/index.ts'
import {
  type Leaf,
  readArtifactRepository,
  readCommand,
  readConnectionString,
  readCoreSite,
  readJson,
  readProfile,
  readRcloneConf,
  readVariable,
} from '../support/grammars.ts'
import { fuzzed, hostileAscii, hostileText } from '../support/hostile-values.ts'
import {
  aws,
  awsFips,
  awsIdentity,
  awsVpc,
  awsVpcIdentity,
  azure,
  azureIdentity,
  azurite,
  clientOptions,
  context,
  endless,
  minio,
  minioIdentity,
  sovereign,
  staticKey,
} from '../support/materials.ts'

const AT_S3: CredentialMaterial[] = [aws, awsFips, awsIdentity, awsVpc, awsVpcIdentity, minio, minioIdentity, staticKey]
const AT_AZURE: CredentialMaterial[] = [azure, azureIdentity, azurite, sovereign]
const CONTEXTS: RenderContext[] = [
  context,
  endless,
  { ...context, encryption: { type: 'SSE-KMS', kmsKeyId: 'arn:aws:kms:eu-central-1:1:key/1' }, expirationDays: 30 },
  { ...context, encryption: { type: 'SSE-S3' }, mountPath: '/mnt/ml' },
  { ...context, clientOptions },
]

/** All formats. */
const FORMATS: Record<Format, true> = {
  ...{ AwsProfile: true, Env: true, WebIdentity: true, ZenML: true, Turborepo: true },
  ...{ OpenMetadata: true, ArgoWorkflows: true, Hadoop: true, Rclone: true, Keys: true },
}

/** Values that others choose, each with what stands around it. */
const PLACES: Record<string, (text: string) => string> = {
  accessKeyId: text => text,
  secretAccessKey: text => text,
  sessionToken: text => text,
  region: text => text,
  bucket: text => text,
  prefix: text => `${text}/`,
  uri: text => `s3://ml/${text}/`,
  endpoint: text => `https://${text}`,
  url: text => `https://${text}`,
  caPem: text => text,
  accountName: text => text,
  blobEndpoint: text => `https://mlprod.blob.core.windows.net/${text}`,
  container: text => text,
  sasToken: text => `sv=1&sr=c&sig=${text}`,
  'webIdentity.roleArn': text => text,
  'webIdentity.token': text => text,
  'webIdentity.sessionName': text => text,
  'webIdentity.stsEndpoint': text => `https://${text}`,
  'workloadIdentity.token': text => text,
  'workloadIdentity.clientId': text => text,
  'workloadIdentity.tenantId': text => text,
  'workloadIdentity.authorityHost': text => `https://${text}`,
  mountPath: text => `/${text}`,
  secretName: text => text,
  'encryption.kmsKeyId': text => text,
}

const SECRET = /accessKey|secretAccessKey|sessionToken|token|sasToken/i

/** Stands for any text, and is a region in the form of AWS's. */
const MARKER = 'xq-marker-1'

type Change = [place: string, text: string]

/** What is to be written, with one text or more in the place of what was there. */
function changed(material: CredentialMaterial, at: RenderContext, changes: Change[]) {
  const copies = structuredClone({ material, at })
  for (const [place, text] of changes) {
    const path = place.split('.')
    for (const root of [copies.material, copies.at]) {
      const owner: object | undefined = path
        .slice(0, -1)
        .reduce((tree, name) => Reflect.get(tree ?? {}, name), root as object | undefined)
      const name = path.at(-1) ?? ''
      if (owner && name in owner) Reflect.set(owner, name, PLACES[place]?.(text))
    }
  }
  return copies
}

function readRoots(text: string): Leaf[] {
  assert.doesNotMatch(text, /[^\P{Cc}\t\r\n]/u)
  return [[text]]
}

/** All settings of a format's Secret, with the key of the Secret in front. */
function settingsOf(data: Record<string, string>): Leaf[] {
  return Object.entries(data).flatMap(([key, text]) => {
    assert.match(key, /^[A-Za-z][\w.-]*$/)
    return READERS[key]?.(text).map(leaf => [key, ...leaf]) ?? readVariable(text).map(leaf => [key, ...leaf])
  })
}

const READERS: Record<string, (text: string) => Leaf[]> = {
  config: text =>
    readProfile(text).map(leaf =>
      leaf[1] === 'credential_process' ? [...leaf.slice(0, 2), ...readCommand(leaf[2] ?? '')] : leaf,
    ),
  'credentials.json': readJson,
  'artifact-store.json': readJson,
  'artifact-store-secret.json': text =>
    readJson(text).flatMap(([key = '', value = '']) =>
      key === 'connection_string' ? readConnectionString(value).map(leaf => [key, ...leaf]) : [[key, value]],
    ),
  'connection.json': readJson,
  'core-site.xml': readCoreSite,
  'artifact-repository.yaml': readArtifactRepository,
  'rclone.conf': text =>
    readRcloneConf(text).flatMap(([section = '', key = '', value = '']) =>
      key === 'connection_string'
        ? readConnectionString(value).map(leaf => [section, key, ...leaf])
        : [[section, key, value]],
    ),
  AZURE_STORAGE_CONNECTION_STRING: readConnectionString,
  'ca.crt': readRoots,
  'roots.pem': readRoots,
  CONNECTION: readConnectionString,
}

/** Parts of an URL are written, too: those are judged by their keys alone. */
const isWhole = ([key = '', path]: Leaf): boolean => !/^BUCKET_(HOST|PORT)$/.test(key) && path !== 's3.endpoint'

function check(format: Format, material: CredentialMaterial, at: RenderContext, changes: Change[]): boolean {
  const hostile = changed(material, at, changes)
  const result = render([format], hostile.material, hostile.at)
  if (isFailure(result)) {
    assert.match(`${result.intent} ${result.reason}`, /^stalled (FormatNotAvailable|CredentialsUnwritable)$/)
    assert.match(result.message, /^spec\.credentials\[\]\.formats: \w+ [^\n]+: [^\n]+$/)
    assert.ok(result.message.length < 1_000, `${result.message.length} characters`)
    for (const [place, text] of changes) {
      if (SECRET.test(place) && text.length > 8) assert.ok(!result.message.includes(text), 'a secret is shown')
    }
    return false
  }
  const plain = changed(
    material,
    at,
    changes.map(([place], index) => [place, `${MARKER}${index}`]),
  )
  const expected = render([format], plain.material, plain.at)
  assert.ok(!isFailure(expected), JSON.stringify(expected))
  const meant = settingsOf(expected[0]?.data ?? {}).filter(isWhole)
  const put = (text: string) =>
    changes.reduce((all, [, value], index) => all.replaceAll(`${MARKER}${index}`, () => value), text)
  const written = settingsOf(result[0]?.data ?? {})
  assert.deepEqual(
    written.filter(isWhole),
    meant.map(leaf => leaf.map(put)),
  )
  assert.deepEqual(Object.keys(result[0]?.data ?? {}), Object.keys(expected[0]?.data ?? {}))
  return true
}

const changes = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...Object.keys(PLACES)), fc.oneof({ weight: 3, arbitrary: hostileAscii }, hostileText)),
  { minLength: 1, maxLength: 2, selector: ([place]) => place },
)

describe('formats with hostile values', () => {
  for (const format of Object.keys(FORMATS) as Format[]) {
    test(`${format} writes what its consumer reads as it was meant, or a Failure`, () => {
      let written = 0
      fc.assert(
        fc.property(
          fc.constantFrom(...AT_S3, ...AT_AZURE),
          fc.constantFrom(...CONTEXTS),
          changes,
          (material, at, all) => {
            if (isFailure(render([format], material, at))) return
            if (check(format, material, at, all)) written++
          },
        ),
        fuzzed(300),
      )
      assert.ok(written > 0, 'nothing was ever written')
    })
  }
})

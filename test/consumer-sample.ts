/** A folder of deploy/samples/consumers as data: its store, the projected Secrets, and what is taken of them. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type ArtifactStoreSpec, parseArtifactStoreSpec } from '../src/api/artifact-store.ts'
import { type CredentialsEntry, DEFAULT_MOUNT_PATH, secretNameOf } from '../src/api/credentials-entry.ts'
import { isFailure } from '../src/api/failures.ts'
import type { CredentialMaterial } from '../src/api/material.ts'
import { formatStoreUri, parseStoreUri } from '../src/api/uri.ts'
import { render } from '../src/formats/index.ts'
import { awsIdentity, azureIdentity, context } from './support/materials.ts'

const root = join(import.meta.dirname, '../deploy/samples/consumers')

export const consumerSamples = (): string[] => readdirSync(root)

type Fields = Record<string, unknown>

/** What one part of an object takes of a Secret. */
export interface Taken {
  as: 'files' | 'variables' | 'key'
  secret: string
  /** The key that is taken; absent when all are. */
  key?: string
}

export class ConsumerSample {
  readonly name: string
  /** The text of each file, by its name. */
  readonly files: Record<string, string>
  readonly objects: Fields[]
  readonly spec: ArtifactStoreSpec
  readonly entry: CredentialsEntry
  readonly mountPath: string
  /** The data of each Secret, by its name. */
  readonly projected: Record<string, Record<string, string>> = {}

  constructor(name: string) {
    this.name = name
    const folder = join(root, name)
    this.files = Object.fromEntries(readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')]))
    this.objects = Object.entries(this.files)
      .filter(([file]) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
      .flatMap(([, text]) => parseAllDocuments(text).map(document => document.toJS()))
    const stores = this.objects.filter(({ kind }) => kind === 'ArtifactStore')
    assert.equal(stores.length, 1)
    const [{ metadata, spec }] = stores as [{ metadata: { name: string }; spec: unknown }]
    const parsed = parseArtifactStoreSpec(spec)
    assert.ok(!isFailure(parsed), JSON.stringify(parsed))
    this.spec = parsed
    const [entry, ...others] = parsed.credentials ?? []
    assert.ok(entry && others.length === 0)
    this.entry = entry
    this.mountPath = entry.mountPath ?? DEFAULT_MOUNT_PATH
    const secretName = secretNameOf(metadata.name, entry)
    const { keys } = entry
    const at = { ...context, secretName, mountPath: this.mountPath, keys }
    const rendered = render(entry.formats, this.#material(), at)
    assert.ok(Array.isArray(rendered), JSON.stringify(rendered))
    for (const { suffix, data } of rendered) this.projected[secretName + suffix] = data
  }

  #material(): CredentialMaterial {
    const uri = parseStoreUri(this.spec.path)
    assert.ok(!isFailure(uri))
    const { cloud, bucket, prefix } = uri
    const place = { prefix, uri: formatStoreUri(uri) }
    return cloud === 'aws'
      ? { ...awsIdentity, region: 'eu-west-1', url: 'https://s3.eu-west-1.amazonaws.com', bucket, ...place }
      : { ...azureIdentity, container: bucket, ...place }
  }

  get text(): string {
    return Object.values(this.files).join('\n')
  }

  /** Everything that is taken of Secrets, including those that the user brings. */
  get taken(): Taken[] {
    return nodes(this.objects).flatMap(({ secret, secretRef, secretKeyRef }): Taken[] => {
      const ofVolume = (secret as { secretName?: string } | undefined)?.secretName
      const ofVariables = (secretRef as { name: string } | undefined)?.name
      const ofKey = secretKeyRef as { name: string; key: string } | undefined
      return [
        ...(ofVolume ? [{ as: 'files' as const, secret: ofVolume }] : []),
        ...(ofVariables ? [{ as: 'variables' as const, secret: ofVariables }] : []),
        ...(ofKey ? [{ as: 'key' as const, secret: ofKey.name, key: ofKey.key }] : []),
      ]
    })
  }

  /** The mounts of volumes with projected Secrets. */
  get mounts(): { mountPath: string; subPath?: string }[] {
    const all = nodes(this.objects)
    const volumes = all
      .filter(({ secret }) => ((secret as Fields | undefined)?.['secretName'] as string) in this.projected)
      .map(({ name }) => name)
    return all.flatMap(({ volumeMounts = [] }) =>
      (volumeMounts as { name: string; mountPath: string }[]).filter(({ name }) => volumes.includes(name)),
    )
  }
}

/** Every object in a value, at any depth. */
function nodes(value: unknown): Fields[] {
  if (Array.isArray(value)) return value.flatMap(nodes)
  if (typeof value !== 'object' || value === null) return []
  return [value as Fields, ...Object.values(value).flatMap(nodes)]
}

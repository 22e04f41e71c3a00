/** Pure: what an identity must be allowed for what consumers do with a store. */
import type { Format } from '../../../api/credentials-entry.ts'
import type { Access, Use } from '../../provider.ts'
import { VERSION_PERMISSIONS } from '../answers/version-permissions.ts'

/** Permissions that an access gives a meaning to. What a consumer needs besides, it does not need with this access. */
const BY_ACCESS: Record<Access, string[]> = {
  ReadWrite: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'],
  ReadOnly: ['s3:ListBucket', 's3:GetObject'],
  WriteOnly: ['s3:PutObject'],
}

/** What consumers need besides: ZenML deletes what it replaces, with its versions. */
const MORE: Partial<Record<Format, Partial<Record<Access, string[]>>>> = {
  ZenML: { ReadWrite: ['s3:GetBucketVersioning', ...VERSION_PERMISSIONS] },
}

/** What consumers need that do less than others do with the same access: OpenMetadata only reads. */
const READERS: ReadonlySet<Format> = new Set<Format>(['OpenMetadata'])

const requiredFor = (access: Access, format: Format): string[] => [
  ...BY_ACCESS[READERS.has(format) && access === 'ReadWrite' ? 'ReadOnly' : access],
  ...(MORE[format]?.[access] ?? []),
]

/** A store without consumers is one to read, write, list and delete in. */
const ANY: Use = { access: 'ReadWrite', formats: ['AwsProfile'] }

export const requiredPermissions = (uses: Use[]): string[] => [
  ...new Set(
    (uses.length > 0 ? uses : [ANY]).flatMap(({ access, formats }) =>
      formats.flatMap(format => requiredFor(access, format)),
    ),
  ),
]

/** Pure: connectors and stores as rows of the page, from the rows of `status`. */
import type { ArtifactStore, CredentialsEntry } from '../../api/artifact-store.ts'
import { secretNameOf } from '../../api/artifact-store.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { type Health, healthOf, isWell } from '../../cli/overview/health.ts'
import { connectorRow, type SecretRow, storeRow } from '../../cli/overview/rows.ts'
import { cut } from '../../foreign/text.ts'
import { suffixOf } from '../../formats/index.ts'
import type { ConnectorItem, SecretItem, State, StoreItem } from '../contract.ts'

/** Characters of a message, of which the detail has all. */
const MESSAGE_MAX = 300

function stateOf(health: Health): State {
  if (health.reason === 'Suspended') return 'Suspended'
  if (health.reason === 'NotSeen') return 'Unseen'
  if (isWell(health)) return health.trouble ? 'Trouble' : 'Ready'
  return health.isStalled ? 'Stalled' : 'Working'
}

const shortened = (health: Health): Health => ({
  ...health,
  message: cut(health.message, MESSAGE_MAX),
  ...(health.trouble === undefined ? {} : { trouble: cut(health.trouble, MESSAGE_MAX) }),
})

export function connectorItem(connector: ServiceConnector): ConnectorItem {
  const { cautions, ...row } = connectorRow(connector)
  const health = healthOf(connector)
  return {
    ...row,
    key: keyOf(connector),
    state: stateOf(health),
    health: shortened(health),
    cautions: cautions.length,
  }
}

/** `secretOf`: the metadata of a Secret by `namespace/name`, where the person may read it. */
export function storeItem(store: ArtifactStore, secretOf: (key: string) => KubeObject | undefined): StoreItem {
  const { path, cautions, secrets, ...row } = storeRow(store, secretOf)
  return {
    ...row,
    key: keyOf(store),
    state: stateOf(row.health),
    health: shortened(row.health),
    cautions: cautions.length,
    cloud: path.startsWith('s3://') ? 'aws' : 'azure',
    uri: path,
    secrets: secrets.map(secret => secretItem(store, secret)),
  }
}

function secretItem(store: ArtifactStore, row: SecretRow): SecretItem {
  const entry = store.spec.credentials?.find(({ name }) => name === row.role)
  const { caution, ...rest } = row
  return {
    ...rest,
    ...(caution === undefined ? {} : { caution: cut(caution, MESSAGE_MAX) }),
    formats: entry ? formatsIn(store.metadata.name, entry, row.name) : [],
  }
}

/** The formats of an entry that are in the Secret of this name: an entry may have two. */
export const formatsIn = (store: string, entry: CredentialsEntry, secret: string): CredentialsEntry['formats'] =>
  entry.formats.filter(format => secretNameOf(store, entry) + suffixOf(format, entry.formats) === secret)

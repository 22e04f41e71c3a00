/** Items as the server sends them, for tests. */
import type { ConnectorItem, Health, SecretItem, StoreItem } from '../../src/ui/contract.ts'

const well: Health = {
  ...{ ready: 'True', reason: 'Verified', message: 'it works', isStalled: false, isReconciling: false },
  isCurrent: true,
}

export function connectorItem(name: string, rest: Partial<ConnectorItem> = {}): ConnectorItem {
  const { namespace = 'ml' } = rest
  const item: ConnectorItem = {
    ...{ key: `${namespace}/${name}`, namespace, name, state: 'Ready', cautions: 0, cloud: 'aws' },
    health: { ...well, reason: 'Authenticated' },
  }
  return { ...item, ...rest }
}

export function storeItem(name: string, rest: Partial<StoreItem> = {}): StoreItem {
  const { namespace = 'ml' } = rest
  const item: StoreItem = {
    ...{ key: `${namespace}/${name}`, namespace, name, state: 'Ready', cautions: 0, cloud: 'aws' },
    ...{ uri: `s3://bucket/${name}`, connector: 'ml/minio', isDefault: false, secrets: [], health: well },
  }
  return { ...item, ...rest }
}

/** An hour of life from 10:00, replaced after 30 minutes. */
export const secretItem = (name: string, rest: Partial<SecretItem> = {}): SecretItem => ({
  ...{ namespace: 'ml', name, role: 'step', formats: ['AwsProfile'] },
  ...{ issuedAt: at(0), refreshAt: at(30), expiresAt: at(60) },
  ...rest,
})

/** RFC 3339 of so many minutes after ten o'clock. */
export const at = (minutes: number): string => new Date(msAt(minutes)).toISOString()
export const msAt = (minutes: number): number => Date.parse('2026-03-01T10:00:00Z') + minutes * 60_000

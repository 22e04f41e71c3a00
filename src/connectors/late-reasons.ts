/**
 * Pure: which failures may be over by themselves soon after a change: those of clouds, and those of objects that are not
 * there yet. What is applied together comes in any order, and others fill in Secrets and ConfigMaps. What an object that
 * is there decides (a label, `spec.resources`, `spec.lend`) is not here: somebody decided it.
 */
import type { Failure } from '../api/failures.ts'
import { isLateInCloud, reasonBehind } from '../providers/late-reasons.ts'

const ABSENT: ReadonlySet<string> = new Set([
  'ConnectorNotFound',
  // In another namespace, a connector that is absent and one that refuses look the same, also in how long it takes.
  'ConnectorNotAllowed',
  ...['SecretNotFound', 'SecretKeyMissing', 'SecretKeyEmpty'],
  ...['ConfigMapNotFound', 'ConfigMapKeyMissing', 'ConfigMapKeyEmpty'],
  'ServiceAccountNotFound',
])

export const isLate = (failure: Pick<Failure, 'reason' | 'message'>): boolean =>
  isLateInCloud(failure) || ABSENT.has(reasonBehind(failure))

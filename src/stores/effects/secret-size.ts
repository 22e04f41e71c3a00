/** Pure: whether a Secret is larger than Kubernetes lets it be. */
import { type Failure, stalled } from '../../api/failures.ts'
import { type ObjectKey, objectKey } from '../../api/object.ts'
import type { RenderedSecret } from '../../formats/index.ts'
import type { Target } from '../plan/targets.ts'

/** Limit for all values of a Secret together, decoded. */
const MAX_BYTES = 1_048_576

/** Names the largest keys: the API server would only say that the Secret is too large. */
export function tooLarge({ namespace, secretName }: Target, rendered: RenderedSecret[]): Failure | undefined {
  for (const { suffix, data } of rendered) {
    const sizes = Object.entries(data).map(([key, value]) => ({ key, bytes: Buffer.byteLength(value) }))
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
    if (total > MAX_BYTES) return failureOf(objectKey(namespace, secretName + suffix), total, sizes)
  }
  return undefined
}

function failureOf(key: ObjectKey, total: number, sizes: { key: string; bytes: number }[]): Failure {
  const largest = sizes.toSorted((one, other) => other.bytes - one.bytes).slice(0, 3)
  const list = largest.map(size => `"${size.key}" ${kib(size.bytes)}`).join(', ')
  return stalled(
    'SecretTooLarge',
    `Secret "${key}" would hold ${kib(total)}, and Kubernetes allows ${kib(MAX_BYTES)}; the largest keys are ${list}: shorten the connector's caBundle, or ask for fewer formats in one entry`,
  )
}

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProbedKeys } from './probed-keys.ts'

test('keys that one namespace has probed displace none of another, whatever identities it has', () => {
  const keys = new ProbedKeys()
  const ours = { fingerprint: 'ours', connector: 'ml/minio' }
  const at = { bucket: 'b', key: 'k' }
  keys.set(ours, at, { objectsStay: true })
  for (let n = 0; n < 10_001; n++)
    keys.set({ fingerprint: `theirs-${n}`, connector: 'other/minio' }, at, { swept: true })
  assert.deepEqual(keys.get(ours, at), { objectsStay: true })
  assert.equal(keys.get({ fingerprint: 'theirs-0', connector: 'other/minio' }, at), undefined, 'there is a bound')
})

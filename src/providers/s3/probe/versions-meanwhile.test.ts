/** Probes of a bucket that gets versions after the operator has seen that it has none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeBucket } from '../../../../test/support/clouds/fake-bucket.ts'
import { BucketMemory } from './bucket-memory.ts'
import { probe } from './probe.ts'
import { ProbedKeys } from './probed-keys.ts'

const KEY = 'prod/.artifactstore-probe-uid'
type WriteProbe = 'Multipart' | 'Object' | 'None'

/** Looks at a bucket that gets versions with this call of the second look. Returns what each look after the first leaves. */
async function lookWhileSwitched(writeProbe: WriteProbe, atCall: number, denied: string[] = []) {
  const bucket = new FakeBucket()
  for (const call of denied) bucket.denied.add(call)
  const probed = { keys: new ProbedKeys(), identity: { fingerprint: 'i', connector: 'ml/minio' } }
  const memory = new BucketMemory({ calls: bucket, monotonic: () => 0, probed })
  const location = { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' }
  const request = { location, encryption: { type: 'None' as const }, writeProbe, probeId: 'uid', required: [] }
  const look = () => {
    bucket.calls.length = 0
    return probe({ calls: bucket, memory }, request, new AbortController().signal)
  }
  await look()
  bucket.onCall = () => {
    if (bucket.calls.length >= atCall) bucket.mode = 'Enabled'
  }
  const leaves: { traces: number; left: string | undefined }[] = []
  for (let n = 0; n < 4; n++) {
    const before = bucket.traces.length
    const { left } = await look()
    leaves.push({ traces: bucket.traces.length - before, left })
    bucket.mode = 'Enabled'
  }
  return { bucket, leaves }
}

for (const writeProbe of ['Multipart', 'Object', 'None'] as const) {
  for (let atCall = 1; atCall <= 8; atCall++) {
    test(`a probe leaves nothing in a bucket that gets versions meanwhile: ${writeProbe}, call ${atCall}`, async () => {
      const { bucket } = await lookWhileSwitched(writeProbe, atCall)
      assert.deepEqual(bucket.traces, [])
    })

    test(`what no probe may remove from a bucket that gets versions is left once: ${writeProbe}, call ${atCall}`, async () => {
      const { leaves } = await lookWhileSwitched(writeProbe, atCall, ['deleteVersion'])
      const leaving = leaves.filter(({ traces }) => traces > 0)
      assert.equal(leaving.length, 1)
      if (writeProbe === 'Object') assert.equal(leaving[0]?.left, KEY)
    })
  }
}

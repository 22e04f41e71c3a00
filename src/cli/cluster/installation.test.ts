import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../kube/errors.ts'
import { CommandFailure } from '../frame/failures.ts'
import type { Cluster } from './connect.ts'
import { readCrds } from './installation.ts'

const DOCUMENT = '/openapi/v3/apis/artifactstore.dev/v1alpha1'

test('CRDs that the API server does not publish yet are no fault of the kubeconfig or the network', async () => {
  const client = {
    async raw(path: string) {
      if (path === DOCUMENT) throw new ApiError(404, {}, 'get raw')
      return { paths: {} }
    },
  }
  // Of a cluster, only what is asked.
  const cluster = { client, where: 'context "test"' } as unknown as Cluster
  await assert.rejects(readCrds(cluster, AbortSignal.timeout(60_000)), error => {
    assert.ok(error instanceof CommandFailure)
    assert.match(error.message, /the API server does not publish the CRDs yet: context "test": run the command again/)
    return true
  })
})

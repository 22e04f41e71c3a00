/** Granted credentials as those of the cloud that a test is about. */
import assert from 'node:assert/strict'
import { type Failure, isFailure } from '../../src/api/failures.ts'
import type { AwsMaterial, AzureMaterial } from '../../src/api/material.ts'
import type { Grant } from '../../src/providers/provider.ts'

export function awsMaterial(grant: Grant | Failure): AwsMaterial {
  assert.ok(!isFailure(grant) && grant.material.cloud === 'aws', JSON.stringify(grant))
  return grant.material
}

export function azureMaterial(grant: Grant | Failure): AzureMaterial {
  assert.ok(!isFailure(grant) && grant.material.cloud === 'azure', JSON.stringify(grant))
  return grant.material
}

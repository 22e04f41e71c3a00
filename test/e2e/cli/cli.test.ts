/** The command line against a real control plane with the operator and MinIO. */
import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { CommandLine } from '../../support/command-line.ts'
import { World } from '../../support/world.ts'
import { testActing } from './act.suite.ts'
import { testCredentials } from './credentials.suite.ts'
import { testPolicies } from './policy.suite.ts'
import { testReadme } from './readme.suite.ts'
import { testRights } from './rights.suite.ts'
import { testSeeing } from './see.suite.ts'
import { testShells } from './shells.suite.ts'

let world: World
let cli: CommandLine
before(async () => {
  world = await World.start()
  cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
  await world.startOperator()
})
after(async () => {
  await cli?.remove()
  await world.stop()
})

test('the program is one file that stays small', async () => {
  const { size } = await stat(join(cli.folder, 'kubectl-artifactstore.mjs'))
  assert.ok(size < 1.8e6, `it has ${size} bytes: see what the last change has brought along, or correct ADR 0040`)
})

const parts = { world: () => world, cli: () => cli }
testSeeing(parts)
testActing(parts)
testPolicies(parts)
testRights(parts)
testCredentials(parts)
testReadme(parts)
testShells(parts)

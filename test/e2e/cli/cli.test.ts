/** The command line against a real control plane with the operator and MinIO. */
import { after, before } from 'node:test'
import { CommandLine } from '../../support/command-line.ts'
import { World } from '../../support/world.ts'
import { testActing } from './act.suite.ts'
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

const parts = { world: () => world, cli: () => cli }
testSeeing(parts)
testActing(parts)
testRights(parts)
testShells(parts)

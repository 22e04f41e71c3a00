/** The server of the page against a real control plane with the operator and MinIO. */
import { after, before } from 'node:test'
import { testCures } from './cures.suite.ts'
import { testEditor } from './editor.suite.ts'
import { testGate } from './gate.suite.ts'
import { type Stage, startStage } from './parts.ts'
import { testRights } from './rights.suite.ts'

const parts = new AsyncDisposableStack()
let started: Stage
before(async () => {
  started = await startStage(parts)
})
after(() => parts.disposeAsync())

const stage = (): Stage => started
testGate(stage)
testCures(stage)
testRights(stage)
testEditor(stage)

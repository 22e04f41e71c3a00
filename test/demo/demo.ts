/**
 * Shows the operator at work on this machine: with a real control plane, an object store, the operator under its own
 * ServiceAccount, a sample of deploy/, and a process that uses the projected Secret. The demo ends by itself; `KEEP=1`
 * keeps it running. Flag: --provider aws (default; MinIO) or azure (Azurite, with an emulator of Entra).
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import type { Installation } from '../support/installation.ts'
import * as aws from './aws.ts'
import * as azure from './azure.ts'
import { NAMESPACE, Presenter, STORE } from './presenter.ts'

const started = performance.now()

async function play<W extends Installation>(demo: {
  startWorld(): Promise<W>
  run(world: W, presenter: Presenter): Promise<void>
}): Promise<void> {
  const world = await demo.startWorld()
  try {
    const presenter = new Presenter(world, started)
    await demo.run(world, presenter)
    console.log(`\n${presenter.summary()}`)
    if (process.env['KEEP']) await keep(world)
  } finally {
    await world.stop()
  }
}

async function keep({ controlPlane }: Installation): Promise<void> {
  console.log(`\nIt stays up until Ctrl-C. In another shell:\n  export KUBECONFIG=${controlPlane.kubeconfig}`)
  console.log(`  kubectl get artifactstores -A\n  kubectl describe artifactstore ${STORE} -n ${NAMESPACE}`)
  console.log('See it in a browser:\n  npm run --silent build:ui && npm run --silent cli -- ui -A')
  const keepAlive = setInterval(() => {}, 60_000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(keepAlive)
}

const { provider } = parseArgs({ options: { provider: { type: 'string', default: 'aws' } } }).values
if (provider === 'aws') await play(aws)
else if (provider === 'azure') await play(azure)
else throw new Error(`--provider: "${provider}" is not known: use aws or azure`)

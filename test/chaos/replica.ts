/** An operator that is started again whenever it ends, as the kubelet does with a container. */
import { setTimeout as sleep } from 'node:timers/promises'
import { asInTheImage, OperatorProcess, type Program } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import type { ChaosWorld } from './world.ts'

const RESTART_AFTER_MS = 1_000

export class Replica implements AsyncDisposable {
  readonly #world: ChaosWorld
  readonly #flags: string[]
  readonly #program: Program
  readonly #running: Promise<void>
  #process: OperatorProcess | undefined
  #stopping = false
  starts = 0

  /** Default: the bundle, as in the image, with the default flags. */
  constructor(world: ChaosWorld, flags: string[] = [], program: Program = asInTheImage()) {
    this.#world = world
    this.#flags = flags
    this.#program = program
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const started = await this.#start().catch(() => undefined)
      while (started && !started.exited) await sleep(20)
      if (!this.#stopping) await sleep(RESTART_AFTER_MS)
    }
  }

  /** Each process has a token of its own, by which the audit log tells them apart. */
  async #start(): Promise<OperatorProcess> {
    const kubeconfig = await this.#world.operatorKubeconfig()
    const started = OperatorProcess.spawn(kubeconfig, this.#flags, this.#program)
    this.#process = started
    this.starts++
    if (this.#stopping) await started.kill()
    return started
  }

  get process(): OperatorProcess {
    if (!this.#process) throw new Error('the operator has not been started yet')
    return this.#process
  }

  get leads(): boolean {
    const { logs = [], exited } = this.#process ?? {}
    return !exited && logs.some(({ msg }) => msg === 'leads')
  }

  /** Resolves when the process that runs now is ready. */
  ready = (): Promise<unknown> =>
    until(
      'the operator is ready',
      async () => !this.process.exited && (await this.process.get('/readyz')).startsWith('ok'),
      {
        ms: 60_000,
        last: () => this.#process?.raw.slice(-15),
      },
    )

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    if (this.#process) {
      // A stopped process gets no other signal.
      if (!this.#process.exited) process.kill(this.#process.pid, 'SIGCONT')
      await this.#process.kill()
    }
    await this.#running
  }
}

/** Waits for one of them to lead. Returns those that lead and those that don't. */
export async function election(replicas: Replica[]): Promise<{ leader: Replica; standbys: Replica[] }> {
  const leader = await until('one leads', () => replicas.find(({ leads }) => leads), {
    ms: 60_000,
    last: () => replicas.map(({ process }) => process.raw.slice(-5)),
  })
  return { leader, standbys: replicas.filter(replica => replica !== leader) }
}

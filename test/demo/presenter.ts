/** What the demos of all clouds do: say what they show, apply a sample, watch its Secret, and ask a consumer. */
import { join } from 'node:path'
import type { KubeObject } from '../../src/api/object.ts'
import { ARTIFACT_STORES, SECRETS } from '../../src/kube/resource.ts'
import { kubectl } from '../cluster/kubectl.ts'
import type { ClientProcess } from '../support/client-process.ts'
import type { Installation } from '../support/installation.ts'
import type { SecretObject } from '../support/namespace.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'

/** Namespace and store of the samples. */
export const NAMESPACE = 'ml'
export const STORE = 'models'
/** The folder into which the overlay for this machine is written. */
export const DIRECTORY = join(import.meta.dirname, '../../.demo')

export class Presenter {
  readonly #world: Installation
  readonly #started: number
  readonly #shown: string[] = []

  constructor(world: Installation, started: number) {
    this.#world = world
    this.#started = started
  }

  show(line: string): void {
    console.log(`[${((performance.now() - this.#started) / 1000).toFixed(1).padStart(5)} s] ${line}`)
  }

  proven(line: string): void {
    this.show(`ok: ${line}`)
    this.#shown.push(line)
  }

  summary(): string {
    return `${this.#shown.map(line => `  ok  ${line}`).join('\n')}\n\n${this.#shown.length} passed, 0 failed`
  }

  kubectl(args: string[]): Promise<string> {
    return kubectl(this.#world.controlPlane, args)
  }

  async startOperator(): Promise<OperatorProcess> {
    const operator = await this.#world.startOperator([])
    this.show('the operator runs as system:serviceaccount:artifact-store-system:artifact-store-operator')
    return operator
  }

  /** Applies the overlay in DIRECTORY. `what`: its description for people. */
  async apply(what: string): Promise<void> {
    this.show(`kubectl apply -k .demo   # ${what}`)
    console.log(await this.kubectl(['apply', '-k', DIRECTORY]))
  }

  async ready(operator: OperatorProcess): Promise<void> {
    const wait = ['wait', '--for=condition=Ready', `artifactstore/${STORE}`, '-n', NAMESPACE, '--timeout=30s']
    await this.kubectl(wait).catch(async error => {
      console.log(await this.kubectl(['describe', 'serviceconnectors,artifactstores', '-n', NAMESPACE]))
      console.log(operator.raw.slice(-20).join('\n'))
      throw error
    })
    this.proven('the store is Ready')
    console.log(await this.kubectl(['get', 'serviceconnectors,artifactstores', '-n', NAMESPACE]))
  }

  readSecret(name: string): Promise<SecretObject> {
    return this.#world.client.get<SecretObject>(SECRETS, NAMESPACE, name)
  }

  async repaired(name: string): Promise<SecretObject> {
    const { metadata } = await this.readSecret(name)
    await this.kubectl(['delete', 'secret', name, '-n', NAMESPACE])
    const repaired = await until('the deleted Secret is back', async () => {
      const secret = await this.readSecret(name)
      return secret.metadata.uid !== metadata.uid && secret
    })
    this.proven('the Secret was deleted, and is back with new credentials')
    return repaired
  }

  async expect(consumer: ClientProcess, command: string, wanted: object, line: string): Promise<void> {
    const answer = await consumer.ask(command)
    if (JSON.stringify(answer) !== JSON.stringify(wanted)) {
      throw new Error(`"${command}" gave ${JSON.stringify(answer)}, not ${JSON.stringify(wanted)}`)
    }
    this.proven(line)
  }

  async showStatus(): Promise<void> {
    const { client } = this.#world
    const { status } = await client.get<KubeObject & { status: object }>(ARTIFACT_STORES, NAMESPACE, STORE)
    this.show(`status: ${JSON.stringify(status, undefined, 2)}`)
  }
}

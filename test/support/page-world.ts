/**
 * A control plane with the CRDs and no operator, for objects that a test leaves there as an operator would: thousands of
 * them, or with texts that no operator writes. The page about them is that of the command line.
 */
import { type KubeObject, keyOf } from '../../src/api/object.ts'
import { inTurns } from '../../src/async/in-turns.ts'
import type { Client } from '../../src/kube/client.ts'
import { ARTIFACT_STORES, NAMESPACES, type Resource, SECRETS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import { CommandLine } from './command-line.ts'
import { CRDS, Installation } from './installation.ts'
import { UiProcess } from './ui-process.ts'

/** Calls at the same time: as many as there are connections. */
const AT_ONCE = 32

type WithStatus = KubeObject & { spec: object; status?: object }

/** Objects without what an API server gives them. */
interface Objects {
  connectors: readonly WithStatus[]
  stores: readonly WithStatus[]
  /** The Secret of a store, as the API server has that. */
  secretOf?(store: KubeObject, index: number): KubeObject
}

export class PageWorld implements AsyncDisposable {
  readonly #installation: Installation
  readonly #cli: CommandLine
  readonly #pages: UiProcess[] = []

  private constructor(controlPlane: ControlPlane, cli: CommandLine) {
    this.#installation = new Installation(controlPlane)
    this.#cli = cli
  }

  static async start(): Promise<PageWorld> {
    const controlPlane = await startControlPlane({ crds: CRDS, controllers: false })
    return new PageWorld(controlPlane, await CommandLine.bundle(controlPlane.kubeconfig))
  }

  get client(): Client {
    return this.#installation.client
  }

  get kubeconfig(): string {
    return this.#installation.controlPlane.kubeconfig
  }

  /** Starts the page about all namespaces. */
  async serve(kubeconfig?: string): Promise<UiProcess> {
    const page = await UiProcess.start(this.#cli, '-A --no-open', kubeconfig)
    this.#pages.push(page)
    return page
  }

  /** Creates the objects with their status, and the namespaces that they are in. Returns how many writes that were. */
  async put({ connectors, stores, secretOf }: Objects): Promise<number> {
    const names = new Set([...connectors, ...stores].map(({ metadata }) => metadata.namespace ?? ''))
    await inTurns([...names], AT_ONCE, name =>
      this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
    )
    await inTurns(connectors, AT_ONCE, connector => this.#put(SERVICE_CONNECTORS, connector))
    await inTurns([...stores.entries()], AT_ONCE, async ([index, store]) => {
      const made = await this.#put(ARTIFACT_STORES, store)
      if (secretOf) await this.client.create(SECRETS, secretOf(made, index))
    })
    return names.size + 2 * connectors.length + (secretOf ? 3 : 2) * stores.length
  }

  async #put(resource: Resource, { apiVersion, kind, metadata, spec, status }: WithStatus): Promise<KubeObject> {
    const { name, namespace = '', labels = {}, annotations = {} } = metadata
    const own = { name, namespace, labels, annotations }
    const made = await this.client.create(resource, { apiVersion, kind, metadata: own, spec })
    return status ? this.setStatus(resource, made, status) : made
  }

  /** The status of an object as an operator writes it. */
  setStatus(resource: Resource, { metadata }: KubeObject, status: object): Promise<KubeObject> {
    const { name, namespace = '' } = metadata
    const operations = [{ op: 'add' as const, path: '/status', value: status }]
    return this.client
      .jsonPatch(resource, { name, namespace }, operations, { subresource: 'status' })
      .catch((error: Error) => {
        throw new Error(`status of ${keyOf({ metadata })}: ${error.message}`)
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const page of this.#pages) await page.stop()
    await this.#cli.remove()
    await this.#installation.stop()
    await this.#installation.controlPlane.stop()
  }
}

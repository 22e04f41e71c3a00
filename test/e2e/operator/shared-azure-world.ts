/** The world that all suites about the whole operator at Azure share, with what they do in it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, EVENTS, type Resource, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { type AzureEnvironment, startAzureEnvironment } from '../../cluster/azure-environment.ts'
import { pythonWithAdlfs } from '../../cluster/tools.ts'
import { startAdlfs } from '../../demo/adlfs.ts'
import { type AzureSpec, type AzureTenant, AzureWorld } from '../../support/azure-world.ts'
import type { ClientProcess } from '../../support/client-process.ts'
import { CRDS } from '../../support/installation.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'

/** The only namespaces whose connectors may act as the operator's node, of which the second may not be its client. */
export const MANAGED = 'managed'
export const MISUSED = 'misused'
export const MANAGED_CLIENT = 'dddddddd-0000-0000-0000-000000000001'
/** A container that no tenant may use. */
export const OTHERS = 'others'

export class SharedAzureWorld extends AzureWorld {
  /** Secret values that must never be seen, in addition to those in projected Secrets. */
  readonly secrets = new Set<string>()
  /** Options for clients in this process. The SDK keeps connections for each inner object, so there is only one. */
  readonly trust: { readonly tlsOptions: { readonly ca: string } }
  readonly #python: string
  readonly #consumers: ClientProcess[] = []
  /** All operators that were started; all but the last have ended. */
  readonly #operators: OperatorProcess[] = []
  #asked = 0

  private constructor(azure: AzureEnvironment, python: string) {
    super(azure)
    this.trust = { tlsOptions: { ca: azure.caPem } }
    this.#python = python
    this.secrets.add(azure.azurite.accountKey)
  }

  static override async start(): Promise<SharedAzureWorld> {
    const python = await pythonWithAdlfs()
    const world = await new SharedAzureWorld(await startAzureEnvironment({ crds: CRDS }), python).install()
    try {
      await world.azure.azurite.admin.createContainer(OTHERS)
      await world.#startNext()
      return world
    } catch (error) {
      await world.stop()
      throw error
    }
  }

  /** The operator that is running. */
  get operator(): OperatorProcess {
    return this.#operators.at(-1) as OperatorProcess
  }

  /** `nodeFlags`: flags for the Node of the next operator. */
  async restartOperator(nodeFlags: string[] = []): Promise<void> {
    await this.operator.stop()
    await this.#startNext(nodeFlags)
  }

  async #startNext(nodeFlags: string[] = []): Promise<void> {
    const flags = [
      ...['--allow-implicit-auth=true', `--implicit-auth-namespaces=${MANAGED},${MISUSED}`],
      `--implicit-auth-endpoints=${new URL(this.azure.storage.endpoint).hostname}`,
      `--implicit-auth-client-ids=${MANAGED}=${MANAGED_CLIENT},default`,
    ]
    // For its own identity, the operator itself has to trust the service.
    const caFile = join(this.controlPlane.dir, 'azure-ca.pem')
    writeFileSync(caFile, this.azure.caPem)
    this.#operators.push(await this.startOnNode(flags, nodeFlags, { NODE_EXTRA_CA_CERTS: caFile }))
  }

  override async stop(): Promise<void> {
    await Promise.all(this.#consumers.map(consumer => consumer[Symbol.asyncDispose]()))
    await super.stop()
  }

  /** Creates a Secret for a connector, whose values, except names and ids, must not be seen. */
  async secret(tenant: AzureTenant, name: string, values: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      if (!/_(id|name)$/.test(key)) this.secrets.add(value)
    }
    await tenant.secret(name, values)
  }

  /** A spec for a connector that signs with the account's key instead of asking Entra. */
  async byAccountKey(tenant: AzureTenant): Promise<AzureSpec> {
    const { accountName: account_name, accountKey: account_key } = this.azure.azurite
    await this.secret(tenant, 'account', { account_name, account_key })
    const { endpoint, caBundle } = tenant.azure()
    return { endpoint, caBundle, auth: { accountKey: { secretName: 'account' } } }
  }

  /** Starts adlfs with what a pod gets from the Secret. */
  async adlfs(tenant: AzureTenant, secret: string): Promise<ClientProcess> {
    const { data } = (await tenant.getSecret(secret)) ?? {}
    if (!data) throw new Error(`there is no Secret "${tenant.name}/${secret}"`)
    const mountPath = join(this.controlPlane.dir, `${tenant.name}-${secret}-${this.#consumers.length}`)
    // Credentials of the operator's own identity come without a CA: there, the pod itself has to trust the service.
    const trusted = { 'ca.crt': Buffer.from(this.azure.caPem).toString('base64') }
    const consumer = startAdlfs(this.#python, { ...trusted, ...data }, mountPath)
    this.#consumers.push(consumer)
    return consumer
  }

  /** Asks the operator for another look, with the annotation that a person would use. */
  async lookAgain(resource: Resource, tenant: AzureTenant, name: string): Promise<void> {
    await this.client.jsonPatch(resource, { namespace: tenant.name, name: name }, [
      { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: `${++this.#asked}` } },
    ])
  }

  /** Everything that people can read: logs and metrics of the operators, connectors, stores and events. */
  async readable(): Promise<string[]> {
    const { client } = this
    const objects = await Promise.all(
      [SERVICE_CONNECTORS, ARTIFACT_STORES, EVENTS].map(resource => client.list(resource, undefined)),
    )
    return [
      ...this.#operators.flatMap(({ raw }) => raw),
      await this.operator.get('/metrics'),
      ...objects.flatMap(({ items }) => items.map(item => JSON.stringify(item))),
    ]
  }
}

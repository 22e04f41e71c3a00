/** Where the whole operator is tested at Azure: one world for all suites, and what they do in it. */
import { join } from 'node:path'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, EVENTS, type Resource, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { pythonWithAdlfs } from '../../cluster/tools.ts'
import { startAdlfs } from '../../demo/adlfs.ts'
import { type AzureSpec, type AzureTenant, AzureWorld } from '../../support/azure-world.ts'
import type { ClientProcess } from '../../support/client-process.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'

/** The only namespace whose connectors may act as the operator's node. */
export const MANAGED = 'managed'
/** A container that no tenant may use. */
export const OTHERS = 'others'

export class AzurePlace {
  readonly world: AzureWorld
  operator: OperatorProcess
  /** What nobody may ever see, beside what projected Secrets hold. */
  readonly secrets = new Set<string>()
  /** Of clients of this process. The SDK keeps its connections by the inner object: so there is one. */
  readonly trust: { readonly tlsOptions: { readonly ca: string } }
  readonly #python: string
  readonly #consumers: ClientProcess[] = []
  readonly #ended: OperatorProcess[] = []
  #asked = 0

  private constructor(world: AzureWorld, operator: OperatorProcess, python: string) {
    this.world = world
    this.operator = operator
    this.trust = { tlsOptions: { ca: world.azure.caPem } }
    this.#python = python
    this.secrets.add(world.azure.azurite.accountKey)
  }

  static async start(): Promise<AzurePlace> {
    const world = await AzureWorld.start()
    try {
      await world.azure.azurite.admin.createContainer(OTHERS)
      return new AzurePlace(world, await startOperator(world), await pythonWithAdlfs())
    } catch (error) {
      await world.stop()
      throw error
    }
  }

  /** `nodeFlags`: of the next operator. */
  async restartOperator(nodeFlags: string[] = []): Promise<void> {
    await this.operator.stop()
    this.#ended.push(this.operator)
    this.operator = await startOperator(this.world, nodeFlags)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#consumers.map(consumer => consumer[Symbol.asyncDispose]()))
    await this.world.stop()
  }

  /** A Secret that a connector names, whose values nobody may see but names and ids. */
  async secret(tenant: AzureTenant, name: string, values: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      if (!/_(id|name)$/.test(key)) this.secrets.add(value)
    }
    await tenant.secret(name, values)
  }

  /** A connector that signs with the account's key instead of asking Entra. */
  async byAccountKey(tenant: AzureTenant): Promise<AzureSpec> {
    const { accountName: account_name, accountKey: account_key } = this.world.azure.azurite
    await this.secret(tenant, 'account', { account_name, account_key })
    const { endpoint, caBundle } = tenant.azure()
    return { endpoint, caBundle, auth: { accountKey: { secretName: 'account' } } }
  }

  /** adlfs with what a pod gets from the Secret. */
  async adlfs(tenant: AzureTenant, secret: string): Promise<ClientProcess> {
    const { data } = (await tenant.getSecret(secret)) ?? {}
    if (!data) throw new Error(`there is no Secret "${tenant.name}/${secret}"`)
    const mountPath = join(this.world.controlPlane.dir, `${tenant.name}-${secret}-${this.#consumers.length}`)
    const consumer = startAdlfs(this.#python, data, mountPath)
    this.#consumers.push(consumer)
    return consumer
  }

  /** Asks the operator for another look, as a person does. */
  async lookAgain(resource: Resource, tenant: AzureTenant, name: string): Promise<void> {
    await this.world.client.jsonPatch(resource, tenant.name, name, [
      { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: `${++this.#asked}` } },
    ])
  }

  /** All that people can read: logs and metrics of all operators, connectors, stores and events. */
  async readable(): Promise<string[]> {
    const { client } = this.world
    const objects = await Promise.all(
      [SERVICE_CONNECTORS, ARTIFACT_STORES, EVENTS].map(resource => client.list(resource, undefined)),
    )
    return [
      ...[...this.#ended, this.operator].flatMap(({ raw }) => raw),
      await this.operator.get('/metrics'),
      ...objects.flatMap(({ items }) => items.map(item => JSON.stringify(item))),
    ]
  }
}

const startOperator = (world: AzureWorld, nodeFlags: string[] = []): Promise<OperatorProcess> =>
  world.startOnNode(['--allow-implicit-auth=true', `--implicit-auth-namespaces=${MANAGED}`], nodeFlags)

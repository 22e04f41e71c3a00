/** A namespace of a test, with what tests create, read and wait for in it. */
import type { ArtifactStore } from '../../src/api/artifact-store.ts'
import { type Condition, findCondition } from '../../src/api/conditions.ts'
import { CREDENTIALS_LABEL } from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { ServiceConnector } from '../../src/api/service-connector.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import {
  ARTIFACT_STORES,
  EVENTS,
  NAMESPACES,
  type Resource,
  SECRETS,
  SERVICE_CONNECTORS,
} from '../../src/kube/resource.ts'
import type { Installation } from './installation.ts'
import { until } from './until.ts'

export type SecretObject = KubeObject & { data: Record<string, string>; type: string }
type EventObject = KubeObject & { reason: string; note: string; type: string; regarding: { name: string } }

export class Namespace<W extends Installation = Installation> {
  readonly world: W
  readonly name: string

  constructor(world: W, name: string) {
    this.world = world
    this.name = name
  }

  async createNamespace(): Promise<void> {
    await this.world.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.name } })
  }

  create(resource: Resource, name: string, rest: object, labelled = false): Promise<KubeObject> {
    const { apiVersion, kind } = resource
    const labels = labelled ? { [CREDENTIALS_LABEL]: 'true' } : {}
    const metadata = { name, namespace: this.name, labels }
    return this.world.client.create(resource, { apiVersion, kind, metadata, ...rest })
  }

  /** Creates a Secret, with the label that connectors need. */
  secret(name: string, stringData: Record<string, string>, labelled = true): Promise<KubeObject> {
    return this.create(SECRETS, name, { stringData }, labelled)
  }

  getStore = (name: string): Promise<ArtifactStore> => this.world.client.get(ARTIFACT_STORES, this.name, name)
  getConnector = (name: string): Promise<ServiceConnector> => this.world.client.get(SERVICE_CONNECTORS, this.name, name)

  async getSecret(name: string): Promise<SecretObject | undefined> {
    try {
      return await this.world.client.get<SecretObject>(SECRETS, this.name, name)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  storeReady = (name: string): Promise<ArtifactStore> => settled(() => this.getStore(name), 'Ready', 'True')
  storeCondition = (name: string, type: string, status: Condition['status'], reason?: string): Promise<ArtifactStore> =>
    settled(() => this.getStore(name), type, status, reason)
  connectorReady = (name: string): Promise<ServiceConnector> => settled(() => this.getConnector(name), 'Ready', 'True')
  connectorCondition = (name: string, type: string, status: Condition['status'], reason?: string) =>
    settled(() => this.getConnector(name), type, status, reason)

  /**
   * Deletes an object as the garbage collector does, which no admission policy holds up: what then happens is what happens
   * in a cluster without those policies.
   */
  async collect({ apiVersion, plural }: Resource, name: string): Promise<void> {
    const path = `/apis/${apiVersion}/namespaces/${this.name}/${plural}/${name}`
    const collector = {
      'impersonate-user': 'system:serviceaccount:kube-system:generic-garbage-collector',
      'impersonate-group': 'system:masters',
    }
    const { status, text } = await this.world.controlPlane.request('DELETE', path, undefined, collector)
    if (status >= 300) throw new Error(`deleting ${plural} ${name}: ${status} ${text}`)
  }

  /** The events about an object. Default: all events of the namespace. */
  async events(regarding?: string): Promise<EventObject[]> {
    const { items } = await this.world.client.list<EventObject>(EVENTS, this.name)
    return regarding === undefined ? items : items.filter(event => event.regarding.name === regarding)
  }
}

interface WithConditions extends KubeObject {
  status?: { observedGeneration?: number; conditions?: Condition[] }
}

/** Waits for a condition that was set for the object's current generation. */
function settled<T extends WithConditions>(
  read: () => Promise<T>,
  type: string,
  status: string,
  reason?: string,
): Promise<T> {
  return until(
    `${type}=${status}${reason ? `/${reason}` : ''}`,
    async () => {
      const object = await read()
      const condition = findCondition(object.status?.conditions, type)
      const current = object.status?.observedGeneration === object.metadata.generation
      return current && condition?.status === status && (!reason || condition.reason === reason) && object
    },
    { last: async () => (await read()).status },
  )
}

export const messageOf = (object: WithConditions, type = 'Ready'): string =>
  findCondition(object.status?.conditions, type)?.message ?? ''

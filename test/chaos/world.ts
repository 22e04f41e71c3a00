/**
 * A World whose API server writes an audit log, and whose operator reaches the API server and MinIO through proxies. Its
 * stores are in the namespace `fleet`, and each has a Secret there and another one in `elsewhere`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ArtifactStore, CredentialsEntry } from '../../src/api/artifact-store.ts'
import { findCondition } from '../../src/api/conditions.ts'
import { isReady } from '../../src/api/kstatus.ts'
import { RECIPIENT_LABEL } from '../../src/api/names.ts'
import { ARTIFACT_STORES, NAMESPACES } from '../../src/kube/resource.ts'
import { type ApiProxy, startApiProxy } from '../cluster/api-proxy.ts'
import { type Environment, startEnvironment } from '../cluster/environment.ts'
import { type FaultProxy, startFaultProxy } from '../cluster/fault-proxy.ts'
import { writeTokenKubeconfig } from '../cluster/kubeconfig.ts'
import { Workspace } from '../cluster/processes.ts'
import { FastTime } from '../support/fast-time.ts'
import { CRDS } from '../support/installation.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'
import { type AuditEvent, type Judgement, judge } from './judge.ts'
import type { Replica } from './replica.ts'

export interface ChaosOptions {
  /** How much faster than this machine's time the operator lives, with credentials of 15 minutes. Default 1, an hour. */
  speed?: number
  etcdFlags?: string[]
  /** Whether credentials that are replaced early are judged. Default: true. */
  calm?: boolean
  /** Whether the operator reaches the API server without the proxy. Default: false. */
  direct?: boolean
}

interface Parts {
  environment: Environment
  workspace: Workspace
  api: ApiProxy
  service: FaultProxy
}

/** What changes objects, and nothing of what only reads. Answers are in it, as no request says what was stored. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  omitManagedFields: true,
  rules: [
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    {
      level: 'RequestResponse',
      resources: [
        { group: '', resources: ['secrets'] },
        { group: 'artifactstore.dev', resources: ['artifactstores', 'artifactstores/status'] },
        { group: 'coordination.k8s.io', resources: ['leases'] },
      ],
    },
    { level: 'None' },
  ],
}
/** The part of their life for which credentials are not replaced. They are at half of it, or a tenth of it earlier. */
const CALM_SHARE = 0.35
const LIFE_MS = { real: 60 * 60_000, fast: 15 * 60_000 }

export class ChaosWorld extends World {
  readonly api: ApiProxy
  /** Before MinIO. The consumer calls MinIO itself. */
  readonly service: FaultProxy
  readonly time: FastTime
  /** Whether what the consumer needs is down by the fault. */
  isDown = false
  /** How far others have counted. */
  marks = 0
  /** Stopped with the world. */
  readonly replicas: Replica[] = []
  #tenant: Tenant | undefined
  readonly #workspace: Workspace
  readonly #calmMs: number | undefined
  readonly #direct: boolean

  private constructor(
    { environment, workspace, api, service }: Parts,
    { speed = 1, calm = true, direct = false }: ChaosOptions,
  ) {
    super(environment)
    this.time = new FastTime(speed)
    this.#workspace = workspace
    this.#direct = direct
    this.api = api
    this.service = service
    const lifeMs = speed === 1 ? LIFE_MS.real : LIFE_MS.fast
    this.#calmMs = calm ? (CALM_SHARE * lifeMs) / speed : undefined
    if (speed === 1) return
    const { time } = this
    service.editSts = answer =>
      answer.replace(/(?<=<Expiration>)[^<]+/g, text => time.endOf(new Date(text)).toISOString())
    api.editToken = answer =>
      answer.replace(/(?<="expirationTimestamp":")[^"]+/, text => time.endOf(new Date(text)).toISOString())
  }

  static async open(options: ChaosOptions = {}): Promise<ChaosWorld> {
    const workspace = await Workspace.create('chaos')
    const policy = join(workspace.dir, 'policy.json')
    writeFileSync(policy, JSON.stringify(AUDIT_POLICY))
    // Not among the logs that are kept: it has what is in Secrets.
    const log = [`--audit-log-path=${join(workspace.dir, 'audit.log')}`, '--audit-log-maxsize=10000']
    const apiserverFlags = [`--audit-policy-file=${policy}`, ...log]
    const environment = await startEnvironment({ crds: CRDS, apiserverFlags, etcdFlags: options.etcdFlags ?? [] })
    const [api, service] = await Promise.all([
      startApiProxy(environment.controlPlane),
      startFaultProxy(environment.minio),
    ])
    const world = new ChaosWorld({ environment, workspace, api, service }, options)
    await world.install()
    await world.#settle(options.speed ?? 1)
    return world
  }

  get fleet(): Tenant {
    if (!this.#tenant) throw new Error('the world is not open yet')
    return this.#tenant
  }

  async #settle(speed: number): Promise<void> {
    const metadata = { name: 'elsewhere', labels: { [RECIPIENT_LABEL]: 'true' } }
    await this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata })
    this.#tenant = await this.tenant('fleet')
    await this.fleet.connector(
      'minio',
      { endpoint: this.service.endpoint },
      speed === 1 ? {} : { sessionDuration: '15m' },
    )
  }

  /** All that the operator does goes through the proxy, but where thousands of stores would measure its speed. */
  protected override writeKubeconfig(name: string, token: string): string {
    if (this.#direct) return super.writeKubeconfig(name, token)
    return writeTokenKubeconfig(this.#workspace.dir, this.api, name, token)
  }

  async addStore(name: string): Promise<void> {
    const entry: CredentialsEntry = {
      ...{ name: 'step', formats: ['AwsProfile'], namespaces: { names: ['fleet', 'elsewhere'] } },
      ...(this.time.speed === 1 ? {} : { duration: '15m' }),
    }
    await this.fleet.store(name, { credentials: [entry], allowedNamespaces: { from: 'All' } })
  }

  /** Makes a store need other credentials than it has. */
  async turn(name: string): Promise<void> {
    const { spec } = await this.fleet.getStore(name)
    const value = spec.credentials?.[0]?.access === 'ReadOnly' ? 'ReadWrite' : 'ReadOnly'
    const path = '/spec/credentials/0/access'
    await this.client.jsonPatch(ARTIFACT_STORES, { namespace: 'fleet', name }, [{ op: 'add', path, value }])
  }

  stores = async (): Promise<ArtifactStore[]> => (await this.client.list<ArtifactStore>(ARTIFACT_STORES, 'fleet')).items

  /** Those that are not Ready, or not calm. */
  restless = async (): Promise<ArtifactStore[]> => (await this.stores()).filter(store => !isCalm(store))

  /** Waits until all stores are Ready and calm. Returns for how long, in s of the operator's time. */
  async recovered(ms = 240_000): Promise<number> {
    const since = performance.now()
    await until('all stores are Ready and calm', async () => (await this.restless()).length === 0, {
      ms,
      last: async () =>
        (await this.restless()).slice(0, 3).map(({ metadata, status }) => [metadata.name, status?.conditions]),
    })
    return ((performance.now() - since) / 1_000) * this.time.speed
  }

  /** Waits for so many seconds of the operator's time. */
  pass = (seconds: number): Promise<void> => sleep((seconds * 1_000) / this.time.speed)

  /** What the audit log says so far. */
  judgement(): Judgement {
    const lines = readFileSync(join(this.#workspace.dir, 'audit.log'), 'utf8').split('\n').filter(Boolean)
    const events: AuditEvent[] = lines.map(line => JSON.parse(line))
    return judge(events, { calmMs: this.#calmMs })
  }

  override async stop(): Promise<void> {
    for (const replica of this.replicas) await replica[Symbol.asyncDispose]()
    await super.stop()
    await Promise.all([this.api.close(), this.service.close(), this.#workspace.remove()])
  }
}

const isCalm = ({ metadata, status }: ArtifactStore): boolean =>
  status?.observedGeneration === metadata.generation &&
  isReady(status?.conditions) &&
  !findCondition(status?.conditions, 'Reconciling')

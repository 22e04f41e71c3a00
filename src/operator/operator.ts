/** Wires the whole operator: one transport, one session cache, two controllers. */
import { type ArtifactStore, type ArtifactStoreStatus, connectorKeyOf } from '../api/artifact-store.ts'
import { FINALIZER } from '../api/names.ts'
import { keyOf, type ObjectKey } from '../api/object.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import type { Config } from '../config.ts'
import * as connector from '../connectors/conclude.ts'
import { Listings } from '../connectors/listing.ts'
import { type Providers, providerFor } from '../connectors/plan.ts'
import { type ConnectorContext, reconcileConnector } from '../connectors/reconcile.ts'
import type { Access } from '../kube/access.ts'
import { createClient } from '../kube/kube-client.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../kube/resource.ts'
import { TokenCache } from '../kube/token-cache.ts'
import { createTransport, type ResponseRecord } from '../kube/transport.ts'
import { createAzureProvider } from '../providers/azure/provider.ts'
import type { Network } from '../providers/network/agents.ts'
import { AnswerBudget } from '../providers/network/answer-budget.ts'
import { apiServersOf } from '../providers/network/cluster-endpoints.ts'
import { createEndpointGuard } from '../providers/network/endpoint-guard.ts'
import { createS3Provider } from '../providers/s3/provider.ts'
import { watchBusy } from '../runtime/busy.ts'
import { systemClock } from '../runtime/clock.ts'
import { createController } from '../runtime/controller.ts'
import { createFinalizer } from '../runtime/finalizer.ts'
import { createManager, type Manager } from '../runtime/manager.ts'
import { createPulse } from '../runtime/pulse.ts'
import { RecentUse } from '../runtime/queue/recent-use.ts'
import { createRecorder } from '../runtime/recorder.ts'
import * as stores from '../stores/conclude/conclude.ts'
import { forgetStore, type StoreContext } from '../stores/context.ts'
import { Ages } from '../stores/effects/ages.ts'
import { Isolations } from '../stores/effects/isolations.ts'
import { KeptSessions } from '../stores/effects/kept-sessions.ts'
import { RepairLimit } from '../stores/effects/repair-limit.ts'
import { createSecretWriter } from '../stores/effects/secret-writer.ts'
import { Verifications } from '../stores/effects/verifications.ts'
import { createOrphanCollector } from '../stores/orphans.ts'
import { mayUse } from '../stores/plan/connection.ts'
import { reconcileStore } from '../stores/reconcile.ts'
import type { Logger } from '../telemetry/log.ts'
import { AtWork, watchLoopLag } from '../telemetry/loop-lag.ts'
import { refusalBeside } from './beside.ts'
import { createCaches, storesOf } from './caches.ts'
import { electLeader } from './elect-leader.ts'
import { watchInstalledCrds } from './installed-crds.ts'
import { limitsOf } from './limits.ts'
import { createLookUp } from './look-up.ts'
import { connectorMatters, storeMatters } from './matters.ts'
import { onceRead, wakeOnceRead } from './once-read.ts'
import { createOutages } from './outages.ts'
import { createReach } from './reach.ts'
import { readObjects } from './readings.ts'
import { ReferencedValues } from './referenced-values.ts'
import { createLoadedSeal } from './seal-key.ts'
import { createSessions } from './sessions.ts'
import { onRequest, type Telemetry } from './telemetry.ts'
import { traced } from './traced.ts'
import { wireUnavailable } from './unavailable.ts'
import { createView } from './view.ts'
import { wakeStores, wireWakeups } from './wakeups.ts'
import { readWatched, watchedIn } from './watched-namespaces.ts'

const CONNECTOR_WORKERS = 4

export interface Operator {
  manager: Manager
  /** Why this process must not start, and what to do. Undefined: it may. */
  refusal(signal: AbortSignal): Promise<string | undefined>
  /** What is wrong though it works, each with its cure, for anybody in the cluster to see. */
  notes(): string[]
  /** Breaks all connections, once the manager has ended. */
  close(): Promise<void>
}

export function createOperator(config: Config, access: Access, telemetry: Telemetry): Operator {
  const { log, metrics, tracer } = telemetry
  const onResponse = ({ verb, resource, code }: ResponseRecord) => metrics.kubeRequest(verb, resource, code || 'error')
  const transport = createTransport({ access, onResponse })
  // The leader election has a connection of its own: a renewal must not wait behind a thousand writes.
  const leaseTransport = createTransport({ access, onResponse, connections: 1 })
  const namespace = config.namespace ?? access.namespace
  const ownNamespace = config.ownNamespace ?? access.namespace
  const leader = config.leaderElect
    ? electLeader(config, { namespace, transport: leaseTransport, log, metrics })
    : undefined
  const client = createClient(transport, leader ? { mayWrite: leader.isLeader } : {})

  const guard = createEndpointGuard({
    refused: config.refusedAddresses,
    allowed: config.allowedEndpoints,
    apiServers: apiServersOf(access.server, process.env),
  })
  const budget = new AnswerBudget({ onChange: metrics.answerBytes })
  const wokenByOutages = () => ({
    ...{ caches, providers, connectors: connectorController, stores: storeController },
    retrySession: (key: ObjectKey) => sessions.retry(key),
  })
  const outages = createOutages(basics(log), wokenByOutages)
  const network: Network = { guard, proxyEnv: config.proxyEnv, budget, outages }
  const aws = createS3Provider({ now, monotonic, onRequest: onRequest('aws', telemetry), network })
  const azure = createAzureProvider({ now, monotonic, onRequest: onRequest('azure', telemetry), network })
  const providers: Providers = { aws, azure }
  const sessions = createSessions(
    providers,
    { now, monotonic },
    {
      onRejected: (key, reporter) => wakeStores(caches, storeController, key, reporter),
      onLost: key => connectorController.enqueue(key, 'urgent'),
    },
  )
  const watched = watchedIn(config, log)
  // Each replica needs the key, also one that does not lead and so may not write anything else.
  const seal = createLoadedSeal({
    ...{ ...basics(log), client: createClient(leaseTransport), namespace: ownNamespace },
    isNamespaced: watched !== undefined,
    onLoaded: metrics.sealKeyLoaded,
  })
  const caches = createCaches(client, { providers, seal, log, watched })
  const tokens = new TokenCache({ client, clock: systemClock })
  const values = new ReferencedValues({ client })
  const view = createView(caches, { tokens, values, seal, watched }, ownNamespace, config)
  const recorder = createRecorder({
    ...basics(log),
    client,
    reporter: { controller: 'artifactstore.dev/operator', instance: config.instance },
    counted: metrics.event,
  })

  const atWork = new AtWork({ begins: () => pulse.quicken() })
  const pulse = createPulse({ isAtWork: () => atWork.isAny })
  const crds = watchInstalledCrds({ ...basics(log), client })
  const busy = watchBusy(pulse)
  const recentUse = new RecentUse()
  watchLoopLag(pulse, { atWork, log, observe: metrics.loopLag })
  // Where its namespace is not allowed, a store uses nothing, and so must not hold up a deletion.
  const countOf = (key: string) => {
    const connector = caches.connectors.cache.get(key)
    return connector ? storesOf(caches, key).filter(store => mayUse(store, connector, view)).length : 0
  }
  const isolations = new Isolations()
  const lookUp = createLookUp(client, caches, values)
  const connectorContext: ConnectorContext = {
    view,
    providers,
    ...traced(tracer, { sessions, lookUp }),
    tracer,
    storesUsing: countOf,
    reachOf: createReach(isolations, key => storesOf(caches, key), monotonic),
    listings: new Listings(),
    now,
    monotonic,
  }
  const connectorController = createController<ServiceConnectorStatus, ServiceConnector>({
    ...basics(log),
    name: 'serviceconnector',
    resource: SERVICE_CONNECTORS,
    client,
    informer: caches.connectors,
    recorder,
    hooks: metrics.controller('serviceconnector'),
    tracer,
    ...limitsOf(CONNECTOR_WORKERS, providers, object => object),
    ...{ recentUse, busy: { ...busy, workers: CONNECTOR_WORKERS } },
    reconcile: onceRead(watched, (object, signal) =>
      atWork.run(keyOf(object), () => reconcileConnector(object, connectorContext, signal)),
    ),
    onCrash: (object, failure) => connector.concludeFailure(object, failure, countOf(keyOf(object)), now()),
    progress: object => connector.concludeProgress(object, countOf(keyOf(object)), now()),
    matters: connectorMatters,
    forget(object) {
      sessions.forget(keyOf(object))
      connectorContext.listings.forget(keyOf(object))
    },
  })

  const writer = createSecretWriter({
    client,
    cache: { get: view.secret, observe: secret => caches.projected.observe(secret) },
    seal,
    onWrite: metrics.secretWritten,
  })
  const storeContext: StoreContext = {
    view,
    providers,
    ...traced(tracer, { sessions, lookUp, writer }),
    tracer,
    verifications: new Verifications(),
    isolations,
    measurements: new Map(),
    removals: new Map(),
    kept: new KeptSessions(),
    repairs: new RepairLimit(),
    ages: new Ages(),
    counts: metrics,
    finalizer: createFinalizer<ArtifactStore>({
      client,
      resource: ARTIFACT_STORES,
      name: FINALIZER,
      observe: store => caches.stores.observe(store),
    }),
    log,
    now,
    monotonic,
  }
  const storeController = createController<ArtifactStoreStatus, ArtifactStore>({
    ...basics(log),
    name: 'artifactstore',
    resource: ARTIFACT_STORES,
    client,
    informer: caches.stores,
    recorder,
    hooks: metrics.controller('artifactstore'),
    tracer,
    ...limitsOf(config.concurrency, providers, object => caches.connectors.cache.get(connectorKeyOf(object))),
    ...{ recentUse, busy: { ...busy, workers: config.concurrency } },
    reconcile: onceRead(watched, (object, signal) =>
      atWork.run(keyOf(object), () => reconcileStore(object, storeContext, signal)),
    ),
    onCrash: (object, failure) => stores.concludeUnobserved(object, failure, { now: now() }),
    progress: object => stores.concludeProgress(object, now()),
    matters: storeMatters,
    forget: object => forgetStore(storeContext, object),
  })

  const orphanCollector = createOrphanCollector({
    ...basics(log),
    client,
    secrets: caches.projected,
    stores: caches.stores,
    secretsOf: view.secretsOf,
    ...(watched ? { isRead: watched.isRead } : {}),
    remove: writer.remove,
  })
  wakeOnceRead(watched, caches, {
    connectors: connectorController,
    stores: storeController,
    orphans: orphanCollector,
  })

  wireWakeups(caches, view, {
    connectors: connectorController,
    stores: storeController,
    values,
    forgetTokens: (namespace, name) => tokens.forget(namespace, name),
    sessions,
    letThrough: ({ spec, metadata: { namespace = '' } }) => providerFor(spec, providers)?.letThrough?.(spec, namespace),
    monotonic: systemClock.monotonic,
  })
  // A standby has the same objects in its caches: they would be told of twice.
  const leads = leader?.isLeader ?? (() => true)
  if (!leader) metrics.leading(true)
  metrics.collect(() => ({
    ...(leads() ? readObjects(caches, config.objectMetrics, now()) : {}),
    crd_outdated: crds.samples(),
    ...readWatched(watched),
    sessions_open: [aws, azure].map(({ name }) => byProvider(name, sessions.openAt(name))),
    breakers_open: [aws, azure].map(({ name, broken }) => byProvider(name, broken())),
  }))
  const stopTrying = wireUnavailable(basics(log), wokenByOutages())
  const manager = createManager({
    prepare: { what: 'the key of the seals', run: seal.load, trouble: seal.trouble },
    informers: caches,
    controllers: [connectorController, storeController, orphanCollector],
    ...(leader ? { leader } : {}),
    recorder,
    clock: systemClock,
    log,
  })
  return {
    manager,
    // A Deployment says which namespace is its own; a person who runs the operator seldom does.
    refusal: async signal =>
      config.ownNamespace === undefined ? refusalBeside(createClient(leaseTransport), ownNamespace, signal) : undefined,
    notes: crds.notes,
    async close() {
      crds.stop()
      pulse.close()
      stopTrying()
      outages.close()
      sessions.close()
      aws.close()
      azure.close()
      await Promise.all([transport.close(), leaseTransport.close()])
    },
  }
}

const now = (): Date => new Date(systemClock.now())
const monotonic = (): number => systemClock.monotonic()

const basics = (log: Logger) => ({ clock: systemClock, random: Math.random, log })

const byProvider = (provider: string, value: number) => ({ labels: { provider }, value })

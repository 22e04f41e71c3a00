/** A cluster with stores in use, on MinIO and on Azurite, in which operators of two versions take turns. */
import https from 'node:https'
import { S3 } from '@aws-sdk/client-s3'
import type { CredentialsEntry } from '../../src/api/artifact-store.ts'
import { MANAGED_BY_LABEL, OPERATOR, RECIPIENT_LABEL, REQUESTED_AT_ANNOTATION } from '../../src/api/names.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, NAMESPACES, SECRETS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { type Azurite, startAzurite } from '../cluster/azurite.ts'
import { type Environment, startEnvironment } from '../cluster/environment.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { settingsOf } from '../e2e/consumers/world.ts'
import { asInTheImage, type OperatorProcess } from '../support/operator-process.ts'
import { Recording, type Subject } from '../support/recording.ts'
import { type SecretObject, type Tenant, World } from '../support/world.ts'

/** What is installed of a version. */
export interface Version {
  /** Path of its manifests. */
  deploy: string
  /** Path of its bundle. */
  main: string
}

type Format = CredentialsEntry['formats'][number]
const S3_FORMATS: Format[] = [
  ...(['AwsProfile', 'Env', 'WebIdentity', 'ZenML', 'Turborepo'] as const),
  ...(['ArgoWorkflows', 'Hadoop', 'Rclone', 'Keys'] as const),
]
/** Hadoop reaches no emulator. */
const AZURE_FORMATS: Format[] = ['Env', 'ZenML', 'ArgoWorkflows', 'Rclone', 'Turborepo', 'Keys']
/** All formats of Secrets in this world. */
export const FORMATS: readonly Format[] = [...S3_FORMATS, 'OpenMetadata']

const entries = (formats: readonly Format[], key: 'sessionToken' | 'sasToken'): CredentialsEntry[] =>
  formats.map(format => ({
    ...{ name: format.toLowerCase(), formats: [format] },
    ...(format === 'Keys' && { keys: { KEY: key } }),
  }))

const OURS: Subject = { resource: SECRETS, labelSelector: `${MANAGED_BY_LABEL}=${OPERATOR}` }
const HOME = 'live'
const AWAY = 'live-away'

export class UpgradeWorld extends World {
  readonly #azurite: Azurite
  #operator: OperatorProcess | undefined
  #tenant: Tenant | undefined

  private constructor(environment: Environment, azurite: Azurite) {
    super(environment)
    this.#azurite = azurite
  }

  static override async start(): Promise<UpgradeWorld> {
    return new UpgradeWorld(await startEnvironment(), await startAzurite())
  }

  override async stop(): Promise<void> {
    await super.stop()
    await this.#azurite.stop()
  }

  get operator(): OperatorProcess {
    if (!this.#operator) throw new Error('no operator runs')
    return this.#operator
  }

  get home(): Tenant {
    if (!this.#tenant) throw new Error('there are no stores yet')
    return this.#tenant
  }

  /** Installs a version over what is there, as a Deployment does: the next replica is ready before the last one stops. */
  async rollOut({ deploy, main }: Version): Promise<void> {
    await kubectl(this.controlPlane, ['apply', '--server-side', '--force-conflicts', '-k', deploy])
    const next = await this.startOperator(['--leader-elect=true'], { ...asInTheImage(), main })
    await this.#operator?.stop()
    this.#operator = next
    await next.leads()
  }

  /** Makes connectors and stores, and waits until they are Ready. */
  async createStores(): Promise<void> {
    const { accountName: account_name, accountKey: account_key, endpoint, caPem, admin } = this.#azurite
    const tenant = await this.tenant(HOME)
    const away = { name: AWAY, labels: { [RECIPIENT_LABEL]: 'true' } }
    await this.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: away })
    await tenant.connector('minio')
    const elsewhere: CredentialsEntry = { name: 'away', formats: ['AwsProfile'], namespaces: { names: [AWAY] } }
    await tenant.store('models', {
      credentials: [...entries(S3_FORMATS, 'sessionToken'), elsewhere],
      allowedNamespaces: { from: 'All' },
      usage: { source: 'List' },
    })
    await tenant.store('all', {
      path: `s3://${HOME}`,
      credentials: entries(['OpenMetadata'], 'sessionToken'),
      deletionProtection: true,
    })

    await admin.createContainer(HOME)
    await tenant.create(CONFIG_MAPS, 'azurite-ca', { data: { 'ca.crt': caPem } }, true)
    await tenant.secret('account', { account_name, account_key })
    const caBundle = { configMapKeyRef: { name: 'azurite-ca' } }
    const azure = { endpoint, caBundle, auth: { accountKey: { secretName: 'account' } } }
    await tenant.create(SERVICE_CONNECTORS, 'azure', { spec: { azure } })
    const connectorRef = { name: 'azure' }
    const credentials = entries(AZURE_FORMATS, 'sasToken')
    await tenant.store('blobs', { path: `az://${HOME}/team`, connectorRef, credentials })
    for (const store of ['models', 'all', 'blobs']) await tenant.storeReady(store)
    this.#tenant = tenant
  }

  async secrets(): Promise<SecretObject[]> {
    const { resource, labelSelector = '' } = OURS
    const { items } = await this.client.list<SecretObject>(resource, undefined, { labelSelector })
    return items
  }

  record(): Promise<Recording> {
    return Recording.start(this.client, [OURS, { resource: ARTIFACT_STORES }, { resource: SERVICE_CONNECTORS }])
  }

  /** Waits until the operator has looked at everything, and has nothing to do. */
  async settled(): Promise<void> {
    const { operator } = this
    const kinds = { artifactstore: ARTIFACT_STORES, serviceconnector: SERVICE_CONNECTORS }
    for (const [controller, resource] of Object.entries(kinds)) {
      const { length } = (await this.client.list(resource, undefined)).items
      await operator.until(`has looked at each ${controller}`, async () => {
        const looks = await operator.metric('artifactstore_reconcile_total', { controller })
        return looks >= length && (await operator.metric('artifactstore_workqueue_depth', { controller })) === 0
      })
    }
  }

  /** Asks for new credentials of all stores of a connector, as a person would. */
  async refresh(name: string): Promise<void> {
    await this.client.jsonPatch(SERVICE_CONNECTORS, { namespace: HOME, name }, [
      { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: 'now' } },
    ])
  }

  /** Lists the store's prefix with the credentials that a pod has now. */
  async use(): Promise<void> {
    const agent = new https.Agent({ ca: this.minio.caPem })
    try {
      const s3 = new S3({
        ...settingsOf(this.minio, agent, await this.home.credentials('models-awsprofile')),
        forcePathStyle: true,
      })
      await s3.listObjectsV2({ Bucket: HOME, Prefix: 'models/' })
      s3.destroy()
    } finally {
      agent.destroy()
    }
  }
}

/** Values of the chart: those for components, those whose effect is in test/golden/chart, and those that are refused. */

/** Values that do what a component of deploy/ does. `namespace`: that of the release. */
export const COMPONENTS: readonly {
  readonly component: string
  readonly values: object
  readonly namespace?: string
}[] = [
  { component: 'another-namespace', values: {}, namespace: 'my-operators' },
  {
    component: 'implicit-auth',
    values: {
      flags: { 'allow-implicit-auth': true, 'implicit-auth-namespaces': ['ml'] },
      serviceAccount: {
        annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111111111111:role/artifact-store-operator' },
      },
    },
  },
  {
    component: 'listed-service-accounts',
    values: { listedServiceAccounts: { enabled: true, namespaces: { ml: ['artifacts'] } } },
  },
  { component: 'metrics-network-policy', values: { networkPolicy: { enabled: true } } },
  { component: 'no-tenant-editors', values: { tenantEditors: false } },
  {
    component: 'tenants',
    values: { flags: { 'refuse-endpoints': ['private'], 'allow-endpoints': ['minio.minio.svc'] } },
  },
  { component: 'watched-namespaces', values: { flags: { 'watch-namespaces': ['ml'] } } },
]

export const EVERY_FLAG = {
  kubeconfig: '/etc/operator/kubeconfig',
  namespace: 'leases',
  concurrency: 8,
  listen: ':9090',
  'object-metrics': false,
  'profile-dir': '/tmp',
  'leader-elect': false,
  'log-level': 'debug',
  'allowed-audiences': ['sts.amazonaws.com', 'minio'],
  'allow-implicit-auth': true,
  'implicit-auth-namespaces': ['*'],
  'implicit-auth-endpoints': ['minio.minio.svc'],
  'implicit-auth-client-ids': ['default', 'ml=00000000-0000-0000-0000-000000000000'],
  'watch-namespaces': ['ml', 'a'],
  'recipient-labels': [],
  'max-targets': 10_000,
  'allow-endpoints': ['minio.minio.svc', '.example.com'],
  'refuse-endpoints': ['private', '10.0.0.0/8'],
}

const DIGEST = `sha256:${'0'.repeat(64)}`

/** Values and what they change, which is in the file of that name. */
export const VALUES: readonly { readonly name: string; readonly values: object }[] = [
  { name: 'the namespace itself', values: { namespace: { create: true } } },
  { name: 'no CRDs', values: { crds: { enabled: false } } },
  { name: 'CRDs that go with the release', values: { crds: { keep: false } } },
  { name: 'every flag', values: { replicas: 1, flags: EVERY_FLAG } },
  { name: 'a digest', values: { image: { repository: 'registry.example.com/operator', digest: DIGEST } } },
  {
    name: 'another image',
    values: {
      image: {
        ...{ repository: 'registry.example.com:5000/operator', tag: 'main', pullPolicy: 'Always' },
        pullSecrets: [{ name: 'registry' }],
      },
    },
  },
  { name: 'one replica', values: { replicas: 1 } },
  { name: 'OpenShift', values: { fixedUid: false } },
  {
    name: 'extras',
    values: {
      extraArgs: ['--log-level=debug'],
      extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
      extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
      extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ca', readOnly: true }],
    },
  },
  {
    name: 'labels and annotations',
    values: {
      commonLabels: { team: 'platform', 'app.kubernetes.io/name': 'not-replaced' },
      annotations: { reloader: 'true' },
      podLabels: { 'azure.workload.identity/use': 'true', 'app.kubernetes.io/name': 'not-replaced' },
      podAnnotations: { 'example.com/inject': 'false' },
    },
  },
  {
    name: 'other nodes',
    values: {
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'infra', operator: 'Exists' }],
      affinity: { podAntiAffinity: {} },
      topologySpreadConstraints: [],
      priorityClass: { create: false, name: 'system-cluster-critical' },
      podDisruptionBudget: { maxUnavailable: '50%' },
    },
  },
  { name: 'another priority', values: { priorityClass: { name: 'platform', value: 10_000_000 } } },
  {
    name: 'what may be left out',
    values: {
      priorityClass: { name: '' },
      podDisruptionBudget: { enabled: false },
      service: { enabled: false },
    },
  },
  {
    name: 'no tokens',
    values: { listedServiceAccounts: { enabled: true } },
  },
  {
    name: 'tokens of two teams',
    values: { listedServiceAccounts: { enabled: true, namespaces: { a: ['one', 'two'], b: ['three'] } } },
  },
  { name: 'two namespaces', values: { flags: { 'watch-namespaces': ['a', 'b'] } } },
  {
    name: 'two namespaces and listed ServiceAccounts',
    values: {
      flags: { 'watch-namespaces': ['a', 'b'] },
      listedServiceAccounts: { enabled: true, namespaces: { a: ['one'] } },
    },
  },
  {
    name: 'a second release',
    values: {
      ...{ flags: { 'watch-namespaces': ['c'] }, shared: { enabled: false } },
      ...{ crds: { enabled: false }, priorityClass: { create: false } },
    },
  },
  { name: 'a service that is not scraped', values: { service: { annotations: { 'prometheus.io/scrape': 'false' } } } },
  {
    name: 'a network policy',
    values: { networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'prometheus' } } }] } },
  },
  {
    name: 'a pod monitor',
    values: {
      podMonitor: {
        ...{ enabled: true, labels: { release: 'prometheus' }, interval: '15s', scrapeTimeout: '10s' },
        relabelings: [{ targetLabel: 'cluster', replacement: 'a' }],
        metricRelabelings: [{ action: 'labeldrop', regex: 'code' }],
      },
    },
  },
  { name: 'a pod monitor as it is', values: { podMonitor: { enabled: true } } },
  {
    name: 'a rule',
    values: {
      prometheusRule: {
        ...{ enabled: true, labels: { release: 'prometheus' } },
        groups: [{ name: 'mine', rules: [{ alert: 'Mine', expr: 'vector(1)' }] }],
      },
    },
  },
  {
    name: 'a dashboard',
    values: { dashboard: { enabled: true, annotations: { grafana_folder: 'storage' }, files: { 'a.json': '{}' } } },
  },
]

const TOGETHER = [
  ...['every flag', 'another image', 'OpenShift', 'extras', 'labels and annotations', 'other nodes'],
  ...['tokens of two teams', 'a network policy', 'a pod monitor', 'a rule', 'a dashboard'],
]

/** Values that change as much as possible. */
export const EVERYTHING: object = Object.assign(
  {},
  ...VALUES.flatMap(({ name, values }) => (TOGETHER.includes(name) ? [values] : [])),
)

/** Values that Helm refuses, and what it says of them. */
export const REFUSED: readonly { readonly name: string; readonly values: object; readonly message: RegExp }[] = [
  {
    name: 'one that there is not',
    values: { replicaCount: 3 },
    message: /additional properties 'replicaCount' not allowed/,
  },
  { name: 'one that there is not in a group', values: { crds: { kept: true } }, message: /'kept' not allowed/ },
  {
    name: 'a flag that there is not',
    values: { flags: { 'log-levels': 'info' } },
    message: /'log-levels' not allowed/,
  },
  { name: 'a text for a number', values: { flags: { concurrency: '8' } }, message: /flags\/concurrency/ },
  { name: 'a text for a list', values: { flags: { 'allow-endpoints': 'a,b' } }, message: /flags\/allow-endpoints/ },
  { name: 'an empty list', values: { flags: { 'allow-endpoints': [] } }, message: /minItems/ },
  { name: 'entries in one text', values: { flags: { 'allow-endpoints': ['a,b'] } }, message: /does not match pattern/ },
  {
    name: 'an audience that ends a text of the policy',
    values: { flags: { 'allowed-audiences': ["a'"] } },
    message: /pattern/,
  },
  {
    name: 'all ServiceAccounts by an empty list',
    values: { listedServiceAccounts: { enabled: true, namespaces: { ml: [] } } },
    message: /minItems/,
  },
  {
    name: 'ServiceAccounts that are listed for nothing',
    values: { listedServiceAccounts: { namespaces: { ml: ['artifacts'] } } },
    message: /listedServiceAccounts.enabled is false.*: set listedServiceAccounts.enabled to true, or leave/,
  },
  {
    name: 'a network policy that lets everybody in',
    values: { networkPolicy: { enabled: true, from: [] } },
    message: /networkPolicy\/from.*minItems/s,
  },
  {
    name: 'replicas that all work at once',
    values: { replicas: 2, flags: { 'leader-elect': false } },
    message: /flags.leader-elect is false, so all 2 replicas would work at once: set replicas to 1/,
  },
  { name: 'a digest of nothing', values: { image: { digest: 'sha256:0' } }, message: /image\/digest/ },
  { name: 'a label that is no text', values: { podLabels: { a: true } }, message: /podLabels\/a/ },
]

/** Pure: the values of the Helm chart. Their defaults are those of deploy/, which is where they are changed. */
import { group, list, open, pairs, text, type ValueSchema, whole, yesOrNo } from './schema.ts'

/** What deploy/ says, and what the chart lets users change. */
export interface Defaults {
  readonly image: string
  readonly replicas: number
  readonly resources: object
  readonly topologySpreadConstraints: readonly object[]
  readonly priorityClass: { readonly name: string; readonly value: number }
  readonly maxUnavailable: number
  readonly serviceAnnotations: object
  readonly metricsFrom: readonly object[]
  readonly alerts: readonly object[]
}

/** `flags`: the schemas of the operator's flags. */
export function chartValues(defaults: Defaults, flags: Record<string, ValueSchema>): ValueSchema {
  return group('Values of the chart artifact-store-operator.', {
    ...installed(),
    ...operator(defaults, flags),
    ...rights(),
    ...pods(defaults),
    ...monitoring(defaults),
    // Helm adds this one to the values of a chart that another one depends on.
    global: open('Values of a chart that depends on this one. They are ignored.'),
  })
}

const installed = () => ({
  crds: group('The CustomResourceDefinitions.', {
    enabled: yesOrNo(
      'Whether they are part of the release, and upgraded with it. Only one release may have them.',
      true,
    ),
    keep: yesOrNo('Whether they outlive the release. Without them, all connectors and stores are deleted, too.', true),
  }),
  namespace: group('The namespace of the release.', {
    create: yesOrNo(
      'Whether it is among the objects, with labels that enforce the restricted Pod Security Standard. This is for "helm template" and Argo CD: "helm install" needs the namespace before it installs, and makes it with --create-namespace.',
      false,
    ),
  }),
  commonLabels: pairs('Labels of all objects, but not of pods.'),
})

const operator = ({ image, replicas }: Defaults, flags: Record<string, ValueSchema>) => ({
  image: group("The operator's image.", {
    repository: text('Its name, with registry.', image, { pattern: '^[^\\s@]+$' }),
    tag: text('Its tag. Empty: the appVersion of the chart.', '', { pattern: '^[\\w.-]*$' }),
    digest: text('Its digest, which wins over the tag.', '', { pattern: '^(sha256:[0-9a-f]{64})?$' }),
    pullPolicy: text('When it is pulled. Empty: as Kubernetes does by default.', '', {
      enum: ['', 'Always', 'IfNotPresent', 'Never'],
    }),
    pullSecrets: list('Secrets with credentials of the registry, such as "name: registry".'),
  }),
  replicas: whole('How many replicas run. One works, and the others stand by with warm caches.', replicas, 0),
  flags: group("The operator's flags, by their names. What is not set here has the operator's own default.", flags),
  extraArgs: list('More arguments of the operator.', [], { type: 'string' }),
  extraEnv: list('More variables of its environment, such as HTTPS_PROXY, as in a container.'),
  extraVolumes: list('More volumes of its pods.'),
  extraVolumeMounts: list('More volumes that its container mounts.'),
})

const rights = () => ({
  shared: group('What all releases of a cluster share: the admission policies, and the roles of users.', {
    enabled: yesOrNo(
      'Whether it is part of the release. Only one release may have it. Another one, with other flags.watch-namespaces, also sets crds.enabled and priorityClass.create to false.',
      true,
    ),
  }),
  serviceAccount: group(
    'The ServiceAccount of the operator. The admission policies know it by its name, which is fixed.',
    {
      annotations: pairs("Its annotations, such as the role of the operator's own identity."),
    },
  ),
  listedServiceAccounts: group('Whose tokens the operator may ask for, on behalf of connectors.', {
    enabled: yesOrNo('Whether they are those of the ServiceAccounts below only, and not of all in the cluster.', false),
    namespaces: {
      ...open('Lists of ServiceAccounts, by their namespaces, which must exist. Refused unless enabled is true.'),
      additionalProperties: { type: 'array', items: { type: 'string' }, minItems: 1 },
    },
  }),
  tenantEditors: yesOrNo(
    "Whether the cluster's own roles edit and admin include writing connectors and stores. If not, bind the ClusterRole artifact-store-editor to those who may.",
    true,
  ),
})

const pods = ({ resources, topologySpreadConstraints, priorityClass, maxUnavailable }: Defaults) => ({
  annotations: pairs('Annotations of the Deployment.'),
  podAnnotations: pairs('Annotations of its pods.'),
  podLabels: pairs('More labels of its pods.'),
  fixedUid: yesOrNo(
    'Whether user and group are 65532. If not, the platform chooses them, as the restricted-v2 constraint of OpenShift demands.',
    true,
  ),
  resources: open('Requests and limits.', resources),
  nodeSelector: pairs('Labels that nodes must have.'),
  tolerations: list('Taints of nodes that are tolerated.'),
  affinity: open('Which nodes and neighbours are preferred or demanded.'),
  topologySpreadConstraints: list('How replicas are spread.', topologySpreadConstraints),
  priorityClass: group('The PriorityClass of the pods.', {
    create: yesOrNo('Whether it is part of the release.', true),
    name: text('Its name. Empty: the pods name none.', priorityClass.name),
    value: whole(
      'Its value. Kubernetes changes the value of no class: give it another name, too.',
      priorityClass.value,
    ),
  }),
  podDisruptionBudget: group('How many replicas evictions take at a time, as when nodes are drained.', {
    enabled: yesOrNo('Whether it is part of the release.', true),
    maxUnavailable: {
      ...whole('How many may be away, as a number or as a percentage. 0 would let no node be drained.', maxUnavailable),
      type: ['integer', 'string'],
    },
  }),
})

const monitoring = ({ serviceAnnotations, metricsFrom, alerts }: Defaults) => ({
  service: group('The headless Service for metrics.', {
    enabled: yesOrNo('Whether it is part of the release.', true),
    annotations: pairs(
      'Its annotations. If a PodMonitor scrapes the pods, too, set prometheus.io/scrape to "false".',
      serviceAnnotations,
    ),
  }),
  networkPolicy: group("Who reaches the operator's port, which serves metrics and probes. Egress stays open.", {
    enabled: yesOrNo('Whether only those below do. Probes of the kubelet pass.', false),
    // Kubernetes takes an empty list for everybody.
    from: { ...list('Peers, as in a NetworkPolicy.', metricsFrom), minItems: 1 },
  }),
  podMonitor: group('A PodMonitor, for the operator of Prometheus.', {
    enabled: yesOrNo('Whether it is part of the release. Its CustomResourceDefinition must be there.', false),
    labels: pairs('More labels, by which a Prometheus selects it.'),
    interval: text('How often it is scraped. Empty: as Prometheus does by default.', ''),
    scrapeTimeout: text('How long an answer may take. Empty: as Prometheus does by default.', ''),
    relabelings: list('Changes to labels of the target.'),
    metricRelabelings: list('Changes to labels of what was scraped.'),
  }),
  prometheusRule: group('A PrometheusRule, for the operator of Prometheus.', {
    enabled: yesOrNo('Whether it is part of the release. Its CustomResourceDefinition must be there.', false),
    labels: pairs('More labels, by which a Prometheus selects it.'),
    groups: list('Groups of rules.', alerts),
  }),
  dashboard: group('A ConfigMap with dashboards, for the sidecar of Grafana.', {
    enabled: yesOrNo('Whether it is part of the release.', false),
    labels: pairs('More labels, by which the sidecar selects it.', { grafana_dashboard: '1' }),
    annotations: pairs('Its annotations, such as grafana_folder.'),
    files: pairs('Dashboards as JSON texts, by names of files.'),
  }),
})

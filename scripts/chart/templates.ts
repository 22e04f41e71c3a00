/** Pure: makes templates of the Helm chart from manifests of deploy/, which stay the one place to change them. */
import { parseAllDocuments } from 'yaml'

/** The namespace that the manifests name. */
const SYSTEM = 'artifact-store-system'
const NAMESPACED = [
  'Deployment',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'Role',
  'RoleBinding',
  'Service',
  'ServiceAccount',
]
const LABELS = '{{- include "artifact-store-operator.labels" $ | nindent 4 }}'

interface Change {
  /** Actions that the object is inside of, from the outermost. */
  readonly inside?: readonly string[]
  /** Texts, each of which must be there, and what takes their place. */
  readonly edits?: readonly (readonly [from: string | RegExp, to: string])[]
}

/** In which namespace the Lease of the leader is. */
const IN_LEASE_NAMESPACE: Change = {
  edits: [['metadata:\n', 'metadata:\n  namespace: {{ $.Values.flags.namespace | default $.Release.Namespace }}\n']],
}

const CRD: Change = {
  inside: ['if .Values.crds.enabled'],
  edits: [
    [
      /^( {2}name: .*\n)/m,
      '$1  {{- if $.Values.crds.keep }}\n  annotations:\n    helm.sh/resource-policy: keep\n  {{- end }}\n',
    ],
  ],
}

const LISTED = [
  'if .Values.listedServiceAccounts.enabled',
  'range $namespace, $accounts := .Values.listedServiceAccounts.namespaces',
]

const WATCHED = '(index .Values.flags "watch-namespaces")'
const IN_ALL_NAMESPACES = [`if not ${WATCHED}`]
const IN_SOME_NAMESPACES: Change = { inside: [`if ${WATCHED}`] }
const IN_EACH_NAMESPACE: Change = {
  inside: [`range $namespace := ${WATCHED}`],
  edits: [['namespace: ml', 'namespace: {{ $namespace }}']],
}
const SHARED: Change = { inside: ['if .Values.shared.enabled'] }

/** What values change, by kind and name. An object that no value changes is not listed. */
const CHANGES: Readonly<Record<string, Change>> = {
  'CustomResourceDefinition/artifactstores.artifactstore.dev': CRD,
  'CustomResourceDefinition/serviceconnectors.artifactstore.dev': CRD,
  [`Namespace/${SYSTEM}`]: { inside: ['if .Values.namespace.create'] },
  'ServiceAccount/artifact-store-operator': {
    edits: [
      [
        'metadata:\n',
        'metadata:\n  {{- with $.Values.serviceAccount.annotations }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n',
      ],
    ],
  },
  'Role/artifact-store-operator': IN_LEASE_NAMESPACE,
  'RoleBinding/artifact-store-operator': IN_LEASE_NAMESPACE,
  'ClusterRole/artifact-store-operator': { inside: IN_ALL_NAMESPACES },
  'ClusterRoleBinding/artifact-store-operator': { inside: IN_ALL_NAMESPACES },
  'ClusterRole/artifact-store-operator-tokens': { inside: IN_ALL_NAMESPACES },
  'ClusterRoleBinding/artifact-store-operator-tokens': {
    inside: [`if not (or .Values.listedServiceAccounts.enabled ${WATCHED})`],
  },
  'Role/artifact-store-operator-seal': IN_SOME_NAMESPACES,
  'RoleBinding/artifact-store-operator-seal': IN_SOME_NAMESPACES,
  'Role/artifact-store-operator-watched': IN_EACH_NAMESPACE,
  'RoleBinding/artifact-store-operator-watched': IN_EACH_NAMESPACE,
  'Role/artifact-store-operator-all-tokens': {
    ...IN_EACH_NAMESPACE,
    inside: ['if not .Values.listedServiceAccounts.enabled', ...(IN_EACH_NAMESPACE.inside ?? [])],
  },
  'RoleBinding/artifact-store-operator-all-tokens': {
    ...IN_EACH_NAMESPACE,
    inside: ['if not .Values.listedServiceAccounts.enabled', ...(IN_EACH_NAMESPACE.inside ?? [])],
  },
  'Role/artifact-store-operator-tokens': {
    inside: LISTED,
    edits: [
      ['namespace: ml', 'namespace: {{ $namespace }}'],
      ['resourceNames: [artifacts]', 'resourceNames: {{ toJson $accounts }}'],
    ],
  },
  'RoleBinding/artifact-store-operator-tokens': {
    inside: LISTED,
    edits: [['namespace: ml', 'namespace: {{ $namespace }}']],
  },
  'ClusterRole/artifact-store-viewer': SHARED,
  'ClusterRole/artifact-store-editor': {
    ...SHARED,
    edits: [[/((?: {4}.*aggregate-to.*\n)+)/, '    {{- if $.Values.tenantEditors }}\n$1    {{- end }}\n']],
  },
  'ValidatingAdmissionPolicy/artifact-store-operator-secrets': SHARED,
  'ValidatingAdmissionPolicyBinding/artifact-store-operator-secrets': SHARED,
  'ValidatingAdmissionPolicy/artifact-store-operator-stores': SHARED,
  'ValidatingAdmissionPolicyBinding/artifact-store-operator-stores': SHARED,
  'ValidatingAdmissionPolicy/artifact-store-operator-connector-deletion': SHARED,
  'ValidatingAdmissionPolicyBinding/artifact-store-operator-connector-deletion': SHARED,
  'ValidatingAdmissionPolicy/artifact-store-operator-store-deletion': SHARED,
  'ValidatingAdmissionPolicyBinding/artifact-store-operator-store-deletion': SHARED,
  'ValidatingAdmissionPolicyBinding/artifact-store-operator-tokens': SHARED,
  'ValidatingAdmissionPolicy/artifact-store-operator-tokens': {
    ...SHARED,
    edits: [
      [
        /expression: ("\[.*\]")/,
        `expression: {{ with index $.Values.flags "allowed-audiences" }}{{ printf "['%s']" (join "', '" .) | quote }}{{ else }}$1{{ end }}`,
      ],
    ],
  },
  'PriorityClass/artifact-store-operator': {
    inside: ['if and .Values.priorityClass.create .Values.priorityClass.name'],
    edits: [
      [/name: .*/, 'name: {{ $.Values.priorityClass.name }}'],
      [/^value: .*/m, 'value: {{ $.Values.priorityClass.value | int }}'],
    ],
  },
  'PodDisruptionBudget/artifact-store-operator': {
    inside: ['if .Values.podDisruptionBudget.enabled'],
    edits: [[/maxUnavailable: .*/, 'maxUnavailable: {{ $.Values.podDisruptionBudget.maxUnavailable }}']],
  },
  'Service/artifact-store-operator': {
    inside: ['if .Values.service.enabled'],
    edits: [
      [
        / {2}annotations:\n(?: {4}.*\n)+/,
        '  {{- with $.Values.service.annotations }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n',
      ],
    ],
  },
  'NetworkPolicy/artifact-store-operator': {
    inside: ['if .Values.networkPolicy.enabled'],
    edits: [[/- from:\n(?: {8}.*\n)+/, '- from:\n        {{- toYaml $.Values.networkPolicy.from | nindent 8 }}\n']],
  },
}

/** The template of a file of deploy/ or crds/. `path`: from the root of the repository. */
export function template(path: string, manifests: string): string {
  if (manifests.includes('{{')) throw new Error(`${path}: has "{{", which Helm would take for its own: escape it here`)
  const objects = manifests
    .replaceAll(/^ *#.*\n/gm, '')
    .split(/^---\n/m)
    .map(manifest => objectTemplate(path, manifest))
  return `{{/* Generated by scripts/generate.ts from ${path}, whose comments say why. Do not edit. */}}\n${objects.join('')}`
}

function objectTemplate(path: string, manifest: string): string {
  const { kind, metadata } = parseAllDocuments(manifest)[0]?.toJS() ?? {}
  const name = `${kind}/${metadata?.name}`
  const { inside = [], edits = [] } = CHANGES[name] ?? {}
  let result = manifest
  for (const [from, to] of edits) {
    const changed = result.replace(from, to)
    if (changed === result)
      throw new Error(`${path}: ${name} has no ${from} any more: change what scripts/chart says of it`)
    result = changed
  }
  return [
    ...inside.map(action => `{{- ${action} }}\n`),
    '---\n',
    inNamespace(kind, labelled(result)).replaceAll(SYSTEM, '{{ $.Release.Namespace }}'),
    ...inside.map(() => '{{- end }}\n'),
  ].join('')
}

/** Adds the labels that all objects have, as deploy/kustomization.yaml does. Components write them out. */
function labelled(manifest: string): string {
  const [metadata = ''] = /^metadata:\n(?: .*\n)+/m.exec(manifest) ?? []
  const labels = /^ {2}labels:\n/m.test(metadata)
    ? metadata.replace(
        /^ {2}labels:\n(?: {4}app\.kubernetes\.io\/(?:name|part-of): .*\n)*/m,
        `  labels:\n    ${LABELS}\n`,
      )
    : `${metadata}  labels:\n    ${LABELS}\n`
  return manifest.replace(metadata, () => labels)
}

function inNamespace(kind: string, manifest: string): string {
  const [metadata = ''] = /^metadata:\n(?: .*\n)+/m.exec(manifest) ?? []
  if (!NAMESPACED.includes(kind) || metadata.includes('\n  namespace: ')) return manifest
  return manifest.replace(metadata, () => `${metadata}  namespace: ${SYSTEM}\n`)
}

/** Pure: makes the CustomResourceDefinitions from the zod schemas. */
import { z } from 'zod'
import { artifactStoreSpecSchema, artifactStoreStatusSchema } from '../src/api/artifact-store.ts'
import { GROUP, VERSION } from '../src/api/names.ts'
import { serviceConnectorSpecSchema, serviceConnectorStatusSchema } from '../src/api/service-connector.ts'

/** One rule, with its message or an expression that chooses one. */
export interface Validation {
  rule: string
  message?: string
  messageExpression?: string
}

/** The messages that a rule may give. Those of an expression are what its conditions choose between. */
export const messagesOf = ({ message, messageExpression = '' }: Validation): string[] =>
  message === undefined
    ? [...messageExpression.matchAll(/[?:] ("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) => JSON.parse(text))
    : [message]

/** The structural schema of OpenAPI v3 that a CRD takes. */
export interface Schema {
  description?: string
  type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
  enum?: unknown[]
  format?: string
  default?: unknown
  'x-kubernetes-validations'?: Validation[]
  [keyword: string]: unknown
}

interface PrinterColumn {
  name: string
  type: 'string' | 'integer' | 'date'
  jsonPath: string
  description: string
  /** 1: only `kubectl get -o wide` shows it. */
  priority?: number
}

interface KindDefinition {
  kind: string
  plural: string
  shortNames: string[]
  description: string
  spec: z.ZodType
  status: z.ZodType
  columns: PrinterColumn[]
  /** Paths of members of the spec by which clients may select: `kubectl get --field-selector spec.path=s3://models`. */
  selectable?: string[]
  validations?: Schema['x-kubernetes-validations']
}

const column = (name: string, jsonPath: string, description: string): PrinterColumn => ({
  name,
  type: 'string',
  jsonPath,
  description,
})

const ready = column('Ready', '.status.conditions[?(@.type=="Ready")].status', 'Whether it works.')
const reason = column('Reason', '.status.conditions[?(@.type=="Ready")].reason', 'Why it is, or is not, Ready.')
// The type is not date: kubectl prints times in the future as <invalid>.
const expires = column('Expires', '.status.expiresAt', 'When the first credentials end.')
const age: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since it was created.',
}

export const KINDS: KindDefinition[] = [
  {
    kind: 'ServiceConnector',
    plural: 'serviceconnectors',
    shortNames: ['sconn'],
    description: 'How to authenticate with the service that holds buckets, and who may do so.',
    spec: serviceConnectorSpecSchema,
    status: serviceConnectorStatusSchema,
    columns: [
      ready,
      column('Identity', '.status.principal', 'Who the service says we are.'),
      { ...column('Stores', '.status.stores', 'How many stores use it.'), type: 'integer' },
      expires,
      reason,
      age,
    ],
  },
  {
    kind: 'ArtifactStore',
    plural: 'artifactstores',
    shortNames: ['astore'],
    description: 'A bucket or a prefix of one, verified, and the credentials that consumers get for it.',
    spec: artifactStoreSpecSchema,
    status: artifactStoreStatusSchema,
    columns: [
      ready,
      column('Path', '.spec.path', 'Where it is.'),
      column('Connector', '.spec.connectorRef.name', 'What authenticates it.'),
      expires,
      reason,
      { ...column('Display name', '.spec.displayName', 'Label for people.'), priority: 1 },
      age,
    ],
    selectable: ['.spec.path', '.spec.connectorRef.name', '.spec.connectorRef.namespace'],
    validations: [
      {
        rule: 'self.metadata.name.size() <= 63',
        message: 'metadata.name has more than 63 characters, but is the value of a label: choose a shorter name',
      },
    ],
  },
]

export function customResourceDefinition(definition: KindDefinition) {
  const { kind, plural, shortNames, columns, selectable } = definition
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: ['artifacts'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          ...(selectable ? { selectableFields: selectable.map(jsonPath => ({ jsonPath })) } : {}),
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  }
}

function rootSchema({ description, spec, status, validations }: KindDefinition): Schema {
  return {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}` },
      kind: { type: 'string', description: 'The kind of the object.' },
      metadata: { type: 'object' },
      spec: { ...structural(spec), description: 'What is wanted.' },
      // The default status lets kstatus count a new object as in progress before the operator has written a status.
      status: { ...structural(status), description: 'What was observed.', default: { observedGeneration: -1 } },
    },
    ...(validations ? { 'x-kubernetes-validations': validations } : {}),
  }
}

/** Converts a zod schema into the structural schema of a CRD; throws on what such a schema can't express. */
export const structural = (schema: z.ZodType): Schema =>
  tidy(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }))

const FORBIDDEN = ['anyOf', 'oneOf', 'allOf', 'not', '$ref', 'const']

/** Removes what a structural schema does not accept or need; throws on what it can't express. */
function tidy(schema: z.core.JSONSchema.BaseSchema): Schema {
  const bad = FORBIDDEN.find(keyword => keyword in schema)
  if (bad) throw new Error(`${bad} has no place in a structural schema: use optional members and a rule`)
  const { description, type, properties, items, additionalProperties, minimum, maximum, $schema: _, ...rest } = schema
  return {
    ...(description ? { description } : {}),
    type: type as Schema['type'],
    ...(type === 'integer' ? { format: 'int64' } : {}),
    ...(isBound(minimum) ? { minimum } : {}),
    ...(isBound(maximum) ? { maximum } : {}),
    ...rest,
    ...(isSchema(items) ? { items: tidy(items) } : {}),
    ...(isSchema(additionalProperties) ? { additionalProperties: tidy(additionalProperties) } : {}),
    ...(properties
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).flatMap(([name, member]) => (isSchema(member) ? [[name, tidy(member)]] : [])),
          ),
        }
      : {}),
  }
}

const isSchema = (value: unknown): value is z.core.JSONSchema.BaseSchema => typeof value === 'object' && value !== null

/** True for a real bound: zod also bounds every integer by the largest that a double can hold. */
const isBound = (value: number | undefined): boolean => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER

/** Every schema below `schema`, with the path of its field such as `spec.credentials[].name`. */
export function* fields(schema: Schema, path = ''): Generator<{ path: string; schema: Schema; required: boolean }> {
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, member]) => [path ? `${path}.${name}` : name, member, schema.required?.includes(name) ?? false] as const,
  )
  for (const [memberPath, member, required] of members) {
    yield { path: memberPath, schema: member, required }
    yield* fields(member, memberPath)
  }
  if (schema.items) yield* fields(schema.items, `${path}[]`)
}

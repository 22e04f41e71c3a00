/** Fields that the schemas of both kinds are made of. */
import * as z from 'zod'
import { exactlyOne, pattern, type Rule, withRules } from './rules.ts'
import { durationMs } from './time.ts'

/** Text of 1 to `max` characters that satisfies `rules`. */
export const text = (max: number, ...rules: Rule<string>[]) => {
  const bounded = z.string().min(1).max(max)
  return rules.length > 0 ? withRules(bounded, rules) : bounded
}

const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** Name of an object: a DNS subdomain. */
export const objectName = (field: string, max = 253) =>
  text(
    max,
    pattern(
      SUBDOMAIN,
      `${field} must be the name of an object: lower-case letters, digits, '-' and '.', such as "prod-credentials"`,
    ),
  )

/** Name of a namespace, or of a list entry: a DNS label. */
export const labelName = (field: string) =>
  text(
    63,
    pattern(
      LABEL,
      `${field} must have only lower-case letters, digits and '-', and start and end with a letter or digit`,
    ),
  )

/** Key of a Secret or ConfigMap. */
export const dataKey = (field: string) =>
  text(
    253,
    pattern(
      /^[A-Za-z0-9._-]+$/,
      `${field} must be the key of a Secret or ConfigMap: letters, digits, '-', '_' and '.'`,
    ),
  )

/** Go-style duration between two bounds. */
export function duration(field: string, min: string, max: string) {
  const [from, to] = [durationMs(min), durationMs(max)]
  return text(20, {
    cel: `self.matches('^([0-9]{1,6}[hms])+$') && duration(self) >= duration('${min}') && duration(self) <= duration('${max}')`,
    isSatisfied: value => /^([0-9]{1,6}[hms])+$/.test(value) && durationMs(value) >= from && durationMs(value) <= to,
    message: `${field} must be a duration from ${min} to ${max}: write hours, minutes and seconds such as "1h30m"`,
  })
}

/** Marks a list or object that one writer owns as a whole: the API server then notes no owner of each of its fields. */
export const ATOMIC_LIST = { 'x-kubernetes-list-type': 'atomic' } as const
export const ATOMIC_MAP = { 'x-kubernetes-map-type': 'atomic' } as const

/** List without duplicates; the API server checks a set by itself. */
export const setOf = <T extends string>(element: z.ZodType<T>, field: string, max: number, min = 0) =>
  z
    .array(element)
    .min(min)
    .max(max)
    .refine(items => new Set(items).size === items.length, `${field} has an entry twice: remove one of them`)
    .meta({ 'x-kubernetes-list-type': 'set' })

const labelValue = z.string().max(63)

const requirementSchema = withRules(
  z.object({
    key: text(317).describe('Label key.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the label relates to `values`.'),
    values: z
      .array(labelValue.describe('Label value.'))
      .max(64)
      .meta(ATOMIC_LIST)
      .describe('Needed by In and NotIn, and by no other operator.')
      .exactOptional(),
  }),
  [
    {
      cel: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
      isSatisfied: ({ operator, values }) => (operator === 'In' || operator === 'NotIn') === (values ?? []).length > 0,
      message: 'values belongs to the operators In and NotIn: give at least one value with them, none with the others',
    },
  ],
)

/** Label selector as Kubernetes knows it: all parts must match, and an empty one matches everything. */
export const labelSelectorSchema = z
  .object({
    matchLabels: z
      .record(z.string(), labelValue)
      .meta({ maxProperties: 32 })
      .describe('Labels with the value they must have.')
      .exactOptional(),
    matchExpressions: z
      .array(requirementSchema.describe('A requirement on one label.'))
      .max(16)
      .meta(ATOMIC_LIST)
      .describe('Requirements that must all hold.')
      .exactOptional(),
  })
  .meta(ATOMIC_MAP)

export type LabelSelector = z.infer<typeof labelSelectorSchema>

export const allowedNamespacesSchema = withRules(
  z.object({
    from: z
      .enum(['Same', 'All', 'Selector'])
      .describe('Same: only the own namespace (default). All: every namespace. Selector: those with matching labels.')
      .exactOptional(),
    selector: labelSelectorSchema.describe('Labels of the namespaces; needed with `from: Selector`.').exactOptional(),
  }),
  [
    {
      cel: "(has(self.from) && self.from == 'Selector') == has(self.selector)",
      isSatisfied: ({ from, selector }) => (from === 'Selector') === (selector !== undefined),
      message: 'allowedNamespaces.selector belongs to "from: Selector": give both, or remove selector',
    },
  ],
)

/** Cure in messages about a changed identity: the identity of a connector can't change. */
export const NEW_CONNECTOR = 'create another ServiceConnector and point the stores to it'

export const DEFAULT_CA_KEY = 'ca.crt'

const keyReferenceSchema = z.object({
  name: objectName('name').describe('Name of the object, in the namespace of the connector.'),
  key: dataKey('key').describe(`Key in it (default ${DEFAULT_CA_KEY}).`).exactOptional(),
})

export const caBundleSchema = withRules(
  z.object({
    configMapKeyRef: keyReferenceSchema
      .describe('ConfigMap with PEM roots, labelled artifactstore.dev/credentials=true.')
      .exactOptional(),
    secretKeyRef: keyReferenceSchema
      .describe('Secret with PEM roots, labelled artifactstore.dev/credentials=true.')
      .exactOptional(),
  }),
  [exactlyOne('caBundle', ['configMapKeyRef', 'secretKeyRef'])],
)

export type CaBundle = z.infer<typeof caBundleSchema>

/** Time in a status, in the form of RFC 3339. */
export const time = () => z.string().meta({ format: 'date-time' })

/** Value of the annotation `requested-at` that was answered last: whoever has set it can wait for this. */
export const lastHandledRequest = z
  .string()
  .describe(
    'Value of the annotation `artifactstore.dev/requested-at` that the last look has answered, also where it changed nothing.',
  )

export const observedGeneration = z.int().describe('Generation of the spec that this status is about.')

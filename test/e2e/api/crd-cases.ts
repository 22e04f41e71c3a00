/** What a row of the tables in crd-cases-*.ts says. The API server and the code are both held to them. */

export interface Case {
  name: string
  kind: 'ServiceConnector' | 'ArtifactStore'
  /** Of the object; default: one of its own. */
  objectName?: string
  /** The object as it was before; the case is then an update, which only the API server can judge. */
  before?: object
  spec: object
  /** A part of the message; absent when the object is fine. */
  refused?: Refusal
}

/** One text where a rule speaks, two where API server and code use their own words. */
type Refusal = string | { server: string; code?: string }

/** The three sorts of rows, for a kind whose least spec is `base`. */
export const casesOf = (kind: Case['kind'], base: object) => ({
  accepts: (name: string, change: object): Case => ({ name, kind, spec: merge(base, change) }),
  refuses: (name: string, change: object, refused: Refusal): Case => ({
    name,
    kind,
    spec: merge(base, change),
    refused,
  }),
  acceptsUpdate: (name: string, before: object, after: object): Case => ({
    name,
    kind,
    before: merge(base, before),
    spec: merge(base, after),
  }),
  refusesUpdate: (name: string, before: object, after: object, refused: string): Case => ({
    name,
    kind,
    before: merge(base, before),
    spec: merge(base, after),
    refused,
  }),
})

/** Members of `change` replace those of `base`; undefined removes one. */
const merge = (base: object, change: object): object =>
  Object.fromEntries(Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined))

export const tooLong = (limit: number): Refusal => ({
  server: `may not be more than ${limit}`,
  code: `allows at most ${limit} characters`,
})
export const unknownValue = (allowed: string): Refusal => ({
  server: 'Unsupported value',
  code: `has an unknown value: use one of ${allowed}`,
})
export const missing = (field: string): Refusal => ({
  server: `${field}: Required value`,
  code: `${field}: is required`,
})

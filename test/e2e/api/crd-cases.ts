/** A row of the tables in crd-cases-*.ts, to which both the API server and the code are held. */

export interface Case {
  name: string
  kind: 'ServiceConnector' | 'ArtifactStore'
  /** The name of the object. Default: a name of its own. */
  objectName?: string
  /** The spec before an update. Present, the case is an update, which only the API server can judge. */
  before?: object
  spec: object
  /** A part of the message; absent when the object is valid. */
  refused?: Refusal
}

/** One text where a rule gives the message, two where the API server and the code have their own words. */
type Refusal = string | { server: string | RegExp; code?: string }

/** What the API server is to say of a refusal. */
export const serverWords = (refused: Refusal): string | RegExp =>
  typeof refused === 'string' ? refused : refused.server

/** Whether a message has these words. */
export const isSaid = (message: string, words: string | RegExp): boolean =>
  words instanceof RegExp ? words.test(message) : message.includes(words)

/** Makers of the three sorts of rows, for a kind whose smallest spec is `base`. */
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

/** Merges two specs: members of `change` replace those of `base`, and undefined removes one. */
const merge = (base: object, change: object): object =>
  Object.fromEntries(Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined))

export const tooLong = (limit: number): Refusal => ({
  // Kubernetes 1.30 says "longer", and newer ones "more".
  server: new RegExp(`may not be (?:longer|more) than ${limit}\\b`),
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

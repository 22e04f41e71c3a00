import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from './errors.ts'
import { NotYetPublished, publishedDocument } from './published-crds.ts'

const INDEX = '/openapi/v3'
const DOCUMENT = '/openapi/v3/apis/artifactstore.dev/v1alpha1'
const API = '/apis/artifactstore.dev/v1alpha1'
const OURS = { paths: { 'apis/artifactstore.dev/v1alpha1': {} } }
const OTHERS = { paths: { 'apis/apps/v1': {} } }
const refusal = (code: number) => new ApiError(code, {}, 'get raw')

/** What an API server answers, and what is made of it: a document, nothing, or the kind of error and its code. */
const cases: [string, index: object, document: object, expected: unknown, api?: object][] = [
  ['a document', OURS, { a: 1 }, { a: 1 }],
  ['a document that its index does not name yet', OTHERS, { a: 1 }, { a: 1 }],
  ['no document and an index without it', OTHERS, refusal(404), undefined],
  ['no document and an empty index', {}, refusal(404), undefined],
  ['no document and an index without paths', { paths: null }, refusal(404), undefined],
  ['no document yet, nor an index that names it, but the API', OTHERS, refusal(404), [NotYetPublished, undefined], {}],
  ['no document yet, and an API that is starting', OTHERS, refusal(404), [ApiError, 503], refusal(503)],
  ['no document and an index that names it', OURS, refusal(404), [NotYetPublished, undefined]],
  ['no document and no index', refusal(404), refusal(404), [ApiError, 404]],
  ['no document and a refused index', refusal(403), refusal(404), [ApiError, 403]],
  ['a refused document', OURS, refusal(403), [ApiError, 403]],
]
for (const [name, index, document, expected, api = refusal(404)] of cases) {
  test(`of an API server that has ${name}, the operator takes what is known`, async () => {
    const answers: Record<string, object> = { [INDEX]: index, [DOCUMENT]: document, [API]: api }
    const client = {
      async raw(path: string) {
        const answer = answers[path]
        if (answer instanceof Error) throw answer
        return answer
      },
    }
    const made = publishedDocument(client, {}).catch(error => [error.constructor, error.code])
    assert.deepEqual(await made, expected)
  })
}

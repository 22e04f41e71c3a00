import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiError, TransportError } from '../kube/errors.ts'
import { type SealStep, sealTroubleOf, UnusableKey } from './seal-trouble.ts'

const SECRET = 'artifact-store-operator-seal'
const forbidden = (message: string) => new ApiError(403, { reason: 'Forbidden', message }, 'POST secrets')
const answer = (code: number, message = '') => new ApiError(code, { message }, 'POST secrets')

/** Messages are those of the API server. */
const cases: [what: string, step: SealStep, error: unknown, text: RegExp][] = [
  [
    'a quota',
    'make',
    forbidden(`secrets "${SECRET}" is forbidden: exceeded quota: few, requested: count/secrets=1, used: 0, limited: 0`),
    /quota leaves no room for Secret "ops\/.*-seal": run "kubectl describe resourcequota -n ops"/,
  ],
  [
    'a webhook that refuses it',
    'make',
    answer(400, 'admission webhook "labels.evil.example" denied the request: no Secrets here'),
    /admission webhook or policy refuses or changes .*run "openssl rand -out seal.key 32 && kubectl create secret/,
  ],
  [
    'a webhook that does not answer',
    'make',
    answer(500, 'Internal error occurred: failed calling webhook "labels.example": dial tcp: connection refused'),
    /admission webhook or policy/,
  ],
  [
    'a webhook that adds a label, which the operator’s own policy refuses',
    'make',
    forbidden(
      `secrets "${SECRET}" is forbidden: ValidatingAdmissionPolicy 'artifact-store-operator-secrets' with binding 'artifact-store-operator-secrets' denied request: a Secret that artifact-store-operator writes must say whose it is`,
    ),
    /admission webhook or policy refuses or changes .*-n ops --from-file=key=seal.key/,
  ],
  [
    'a namespace that is not there',
    'make',
    answer(404, 'namespaces "ops" not found'),
    /namespace "ops" does not exist: run "kubectl create namespace ops", or set POD_NAMESPACE/,
  ],
  [
    'a namespace that is being deleted',
    'make',
    forbidden(
      `secrets "${SECRET}" is forbidden: unable to create new content in namespace ops because it is being terminated`,
    ),
    /namespace "ops" is being deleted/,
  ],
  [
    'no right to make it',
    'make',
    forbidden('secrets is forbidden: User "x" cannot create resource "secrets" in API group "" in the namespace "ops"'),
    /may not create Secret "ops\/.*run "kubectl apply --server-side -k deploy\/"/,
  ],
  ['no right to read it', 'read', forbidden('secrets is forbidden'), /may not get Secret/],
  ['no right to see which cluster it is', 'cluster', forbidden('namespaces is forbidden'), /may not list namespaces/],
  [
    'no answer',
    'read',
    new TransportError('GET secrets: reset'),
    /^the API server does not answer; it is tried again$/,
  ],
  ['an API server in trouble', 'make', answer(503), /HTTP 503; it is tried again/],
  ['a key that is none', 'read', new UnusableKey('it has not 32 bytes: delete it'), /^it has not 32 bytes: delete it$/],
]

describe('why the key of the seals is not there, with the cure:', () => {
  for (const [what, step, error, text] of cases) {
    test(what, () => assert.match(sealTroubleOf(error, step, 'ops'), text))
  }

  test('nothing that a webhook wrote is shown to everybody', () => {
    const text = sealTroubleOf(answer(400, 'admission webhook "a" denied the request: AKIA-hush'), 'make', 'ops')
    assert.doesNotMatch(text, /hush/)
  })
})

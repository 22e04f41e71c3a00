import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createAdmissionLab as createLab, KEY, MINUTE } from '../../../test/support/admission-lab.ts'
import type { Admitted, StoredSecret } from '../../../test/support/secret-api.ts'
import { CONTENT_ANNOTATION, MANAGED_BY_LABEL, STORE_LABEL } from '../../api/names.ts'
import { ApiError } from '../../kube/errors.ts'

const policy = (words: string) =>
  `secrets "prod-step" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${words}`
const denial = (code: number, message: string) => () =>
  new ApiError(code, { reason: 'Whatever', message }, 'POST secrets')

describe('a write that admission refuses stalls the store with the words of the policy, and costs no session again', () => {
  const cases: [name: string, code: number, message: string, words: string][] = [
    ['a policy of reason Invalid', 422, policy('no Secrets here'), 'no Secrets here'],
    ['a policy of reason Forbidden', 403, policy('no Secrets here'), 'no Secrets here'],
    ['a policy that speaks of quotas', 403, policy('exceeded quota of patience'), 'exceeded quota of patience'],
    ['a policy that speaks of immutable Secrets', 422, policy('make them immutable'), 'make them immutable'],
    ['a webhook', 400, 'admission webhook "w.test" denied the request: not like this', 'not like this'],
    ['a webhook that answers 409', 409, 'admission webhook "w.test" denied the request: taken', 'taken'],
    ['a webhook that answers 404', 404, 'admission webhook "w.test" denied the request: none', 'none'],
    ['a webhook that answers 500', 500, 'admission webhook "w.test" denied the request: broken', 'broken'],
    ['a plugin of the API server', 403, 'secrets "prod-step" is forbidden: by a plugin', 'by a plugin'],
    ['validation', 422, 'Secret "prod-step" is invalid: metadata.annotations: Too long', 'Too long'],
  ]
  for (const [name, code, message, words] of cases) {
    test(name, async () => {
      const lab = createLab()
      lab.api.admit = denial(code, message)
      const seen = [await lab.reconcile(), await lab.reconcile(), await lab.reconcile()]
      for (const { reason, intent, message } of seen) {
        assert.deepEqual([reason, intent], ['SecretRefused', 'stalled'])
        assert.ok(message.includes(words), message)
      }
      assert.equal(new Set(seen.map(({ message }) => message)).size, 1)
      assert.equal(lab.grants, 1)
      assert.deepEqual(lab.api.calls, ['create prod-step', 'dry-run create prod-step', 'dry-run create prod-step'])

      lab.api.admit = ({ secret }) => secret
      assert.deepEqual([(await lab.reconcile()).served, lab.grants], [true, 2])
    })
  }

  test('a store whose entry is another one is tried at once', async () => {
    const lab = createLab()
    lab.api.admit = denial(422, policy('no Secrets here'))
    await lab.reconcile()
    lab.grant = 'another'
    await lab.reconcile()
    assert.deepEqual([lab.grants, lab.api.calls], [2, ['create prod-step', 'create prod-step']])
  })

  test('what a policy repeats of the credentials is in no message', async () => {
    const lab = createLab()
    lab.api.admit = ({ secret }) => {
      const encoded = Object.values(secret.data ?? {}).join(' ')
      return new ApiError(422, { message: policy(`${KEY} and ${encoded}`) }, 'POST secrets')
    }
    const { message } = await lab.reconcile()
    assert.match(message, /\[REDACTED\]/)
    assert.ok(
      !message.includes(KEY.slice(0, 16)) && !message.includes(Buffer.from(KEY).toString('base64').slice(4, 20)),
    )
  })

  test('nor is a short key, as services other than AWS have them, whichever way a policy repeats it', async () => {
    for (const key of ['minio123', 'rootpassword', 'fifteen-chars-x']) {
      for (const shown of [key, Buffer.from(key).toString('base64')]) {
        const lab = createLab()
        lab.key = key
        lab.api.admit = denial(422, policy(`"${shown}" is too weak, says (${shown})`))
        const { message } = await lab.reconcile()
        assert.match(message, /\[REDACTED\]/)
        assert.ok(!message.includes(shown), message)
      }
    }
  })

  test('missing rights are no refusal of admission', async () => {
    const lab = createLab()
    const message =
      'secrets is forbidden: User "x" cannot create resource "secrets" in API group "" in the namespace "ml"'
    lab.api.admit = denial(403, message)
    const { reason, message: said } = await lab.reconcile()
    assert.equal(reason, 'SecretForbidden')
    assert.ok(said.includes('cannot create resource') && said.includes('deploy/'), said)
  })

  test('a webhook that does not answer is trouble that may pass, and is named', async () => {
    const lab = createLab()
    lab.api.admit = denial(500, 'Internal error occurred: failed calling webhook "w.test": connection refused')
    const { reason, intent, message } = await lab.reconcile()
    assert.deepEqual([reason, intent], ['SecretNotWritten', 'transient'])
    assert.match(message, /failed calling webhook "w.test"/)
  })

  const passing: [name: string, code: number, message: string][] = [
    ['a webhook that does not answer', 500, 'Internal error occurred: failed calling webhook "w.test": refused'],
    ['an API server that is overloaded', 429, 'too many requests'],
    ['an API server whose storage does not answer', 504, 'etcdserver: request timed out'],
  ]
  for (const [name, code, message] of passing) {
    test(`a write that fails because of ${name} costs no session at each try`, async () => {
      const lab = createLab()
      lab.api.admit = denial(code, message)
      for (let round = 0; round < 5; round++) assert.equal((await lab.reconcile()).reason, 'SecretNotWritten')
      assert.equal(lab.grants, 1)
      lab.api.admit = ({ secret }) => secret
      assert.equal((await lab.reconcile()).served, true)
    })
  }
})

const withData = (secret: StoredSecret, data: Record<string, string>): StoredSecret => ({
  ...secret,
  data: { ...secret.data, ...data },
})
const withMetadata = (secret: StoredSecret, changed: Partial<StoredSecret['metadata']>): StoredSecret => ({
  ...secret,
  metadata: { ...secret.metadata, ...changed },
})
const without = (name: string, strings: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(strings).filter(([key]) => key !== name))

describe('a Secret that admission changes is not fought over', () => {
  const harmless: [name: string, change: (secret: StoredSecret) => StoredSecret][] = [
    ['adds a data key', secret => withData(secret, { theirs: 'eA==' })],
    ['adds a label', secret => withMetadata(secret, { labels: { ...secret.metadata.labels, team: 'x' } })],
    ['adds an annotation', secret => withMetadata(secret, { annotations: { ...secret.metadata.annotations, a: 'b' } })],
    ['drops the owner references', secret => withMetadata(secret, { ownerReferences: [] })],
    ['makes it immutable', secret => ({ ...secret, immutable: true })],
  ]
  for (const [name, change] of harmless) {
    test(`a policy that ${name} leaves the store Ready`, async () => {
      const lab = createLab()
      lab.api.admit = ({ secret }) => change(secret)
      for (let round = 0; round < 10; round++) assert.deepEqual(await lab.reconcile(), ready)
      assert.equal(lab.grants, 1)
      lab.clock += 40 * MINUTE
      for (let round = 0; round < 3; round++) assert.deepEqual(await lab.reconcile(), ready)
      assert.equal(lab.grants, 2, 'refreshed at its time')
    })
  }
  const ready = { reason: undefined, intent: undefined, message: '', served: true }

  const harmful: [name: string, what: string, change: (secret: StoredSecret) => StoredSecret][] = [
    ['changes a data key', 'data key config', secret => withData(secret, { config: 'eA==' })],
    [
      'removes a label',
      `label ${STORE_LABEL}`,
      secret => withMetadata(secret, { labels: without(STORE_LABEL, secret.metadata.labels) }),
    ],
    [
      'removes the label by which the operator knows its Secrets',
      `label ${MANAGED_BY_LABEL}`,
      secret => withMetadata(secret, { labels: without(MANAGED_BY_LABEL, secret.metadata.labels) }),
    ],
    [
      'removes an annotation',
      `annotation ${CONTENT_ANNOTATION}`,
      secret => withMetadata(secret, { annotations: without(CONTENT_ANNOTATION, secret.metadata.annotations) }),
    ],
  ]
  for (const [name, what, change] of harmful) {
    test(`a policy that ${name} stalls the store, and costs no session again`, async () => {
      const lab = createLab()
      lab.api.admit = ({ secret }) => change(secret)
      const seen = []
      for (let round = 0; round < 5; round++) seen.push(await lab.reconcile())
      for (const { reason, message } of seen) {
        assert.equal(reason, 'SecretAltered')
        assert.ok(message.includes(`(${what})`), message)
      }
      assert.equal(lab.grants, 1)
      lab.api.admit = ({ secret }) => secret
      assert.deepEqual([(await lab.reconcile()).served, lab.grants], [true, 2])
    })
  }

  test('a Secret that would be out of sight is not left behind', async () => {
    const lab = createLab()
    lab.api.admit = ({ secret }) => withMetadata(secret, { labels: {} })
    await lab.reconcile()
    assert.equal(lab.api.stored.size, 0)
  })

  test('a Secret that would be out of sight, and can’t be deleted, is said to be left behind', async () => {
    const lab = createLab()
    lab.api.admit = ({ secret }) => withMetadata(secret, { labels: {} })
    lab.api.client.delete = async () => {
      throw new ApiError(500, { message: 'etcdserver: request timed out' }, 'DELETE secrets')
    }
    const { reason, message } = await lab.reconcile()
    assert.equal(reason, 'SecretAltered')
    assert.match(message, /; it could not be deleted again, and the operator does not see it any more: delete it$/)
  })
})

describe('a Secret in use stays until its successor is accepted', () => {
  /** A lab with a Secret in use whose refresh is due. */
  async function inUse(immutable: boolean) {
    const lab = createLab()
    await lab.reconcile()
    const old = lab.api.stored.get('prod-step')
    assert.ok(old)
    if (immutable) lab.api.stored.set('prod-step', { ...old, immutable })
    lab.clock += 40 * MINUTE
    lab.api.calls.length = 0
    return { lab, data: old.data }
  }
  const refuse = denial(422, policy('Secrets of production are immutable'))

  test('when a policy that speaks of immutable Secrets denies its change', async () => {
    const { lab, data } = await inUse(false)
    lab.api.admit = refuse
    for (let round = 0; round < 3; round++) {
      const { reason, served } = await lab.reconcile()
      assert.deepEqual([reason, served], ['SecretRefused', true])
    }
    assert.deepEqual(lab.api.stored.get('prod-step')?.data, data)
    assert.ok(!lab.api.calls.some(call => call.startsWith('delete')))
    assert.equal(lab.grants, 2)
  })

  test('when it is immutable, and a policy denies its successor', async () => {
    const { lab, data } = await inUse(true)
    lab.api.admit = refuse
    for (let round = 0; round < 3; round++) {
      const { reason, served } = await lab.reconcile()
      assert.deepEqual([reason, served], ['SecretRefused', true])
    }
    assert.deepEqual(lab.api.stored.get('prod-step')?.data, data)
    assert.deepEqual(new Set(lab.api.calls), new Set(['dry-run create prod-step']))
    assert.equal(lab.grants, 2)
    lab.api.admit = ({ secret }) => secret
    lab.clock -= 3 * MINUTE
    assert.equal((await lab.reconcile()).reason, undefined, 'what was not made anew is no repair to wait after')
  })

  test('when it is immutable, and the quota of its namespace has no room for two, which is said', async () => {
    const { lab, data } = await inUse(true)
    lab.api.admit = denial(
      403,
      'secrets "prod-step" is forbidden: exceeded quota: q, requested: count/secrets=1, used: count/secrets=3, limited: count/secrets=3',
    )
    for (let round = 0; round < 3; round++) {
      const { reason, served, message } = await lab.reconcile()
      assert.deepEqual([reason, served], ['QuotaExceeded', true])
      assert.match(message, /"ml\/prod-step" is immutable, .* is used up: raise it by one, or delete the Secret/)
    }
    assert.deepEqual(lab.api.stored.get('prod-step')?.data, data)
    assert.deepEqual(new Set(lab.api.calls), new Set(['dry-run create prod-step']))
    assert.equal(lab.grants, 2)
  })

  test('when it is immutable, and its successor is accepted', async () => {
    const { lab, data } = await inUse(true)
    assert.deepEqual((await lab.reconcile()).reason, undefined)
    const calls = ['dry-run create prod-step', 'get prod-step', 'delete prod-step', 'create prod-step']
    assert.deepEqual(lab.api.calls, calls)
    assert.notDeepEqual(lab.api.stored.get('prod-step')?.data, data)
  })

  test('and is put back when its successor is denied after all', async () => {
    const { lab, data } = await inUse(true)
    let isFirst = true
    lab.api.admit = ({ secret, dryRun }: Admitted) => {
      if (dryRun || !isFirst) return secret
      isFirst = false
      return refuse()
    }
    const { reason, served } = await lab.reconcile()
    assert.deepEqual([reason, served], ['SecretRefused', true])
    assert.deepEqual(lab.api.stored.get('prod-step')?.data, data)
    assert.equal((await lab.reconcile()).reason, undefined)
  })

  test('and it is said that it is gone when it can’t be put back', async () => {
    const { lab } = await inUse(true)
    lab.api.admit = ({ secret, dryRun }: Admitted) => (dryRun ? secret : refuse())
    const { served } = await lab.reconcile()
    assert.equal(served, false)
  })
})

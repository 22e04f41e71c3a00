import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { atMinio, WHO } from '../../../../test/support/s3-context.ts'
import { type Failure, isFailure } from '../../../api/failures.ts'
import { isBeforeRule } from '../../before-rule.ts'
import type { BucketRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import type { BucketCalls, LifecycleDocument } from '../calls/bucket-calls.ts'
import { applyExpiration } from './expiration.ts'

type Calls = Pick<BucketCalls, 'lifecycle' | 'putLifecycle' | 'deleteLifecycle'>

const DENIED: Answer<never> = { status: 403, code: 'AccessDenied' }
const all = (rules: string) => `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`
const THEIRS = '<Rule><ID>theirs</ID><New/></Rule>'

function failed<T>(result: T | Failure): Failure {
  assert.ok(isFailure(result), JSON.stringify(result))
  return result
}

class FakeRules implements Calls {
  document: LifecycleDocument | undefined
  readonly calls: string[] = []
  readonly answers: Partial<Record<keyof Calls, Answer<never>>> = {}
  /** Called after each write, for what others do between two calls. */
  onWritten: () => void = () => undefined

  async #call<T>(operation: keyof Calls, run: () => Answer<T>): Promise<Answer<T>> {
    this.calls.push(operation)
    await Promise.resolve()
    return this.answers[operation] ?? run()
  }

  lifecycle = () =>
    this.#call<LifecycleDocument>('lifecycle', () =>
      this.document ? { status: 200, value: this.document } : { status: 404, code: 'NoSuchLifecycleConfiguration' },
    )
  putLifecycle = (_bucket: string, document: LifecycleDocument) =>
    this.#call('putLifecycle', () => {
      this.document = document
      this.onWritten()
      return { status: 200 }
    })
  deleteLifecycle = () =>
    this.#call('deleteLifecycle', () => {
      this.document = undefined
      this.onWritten()
      return { status: 204 }
    })
}

const request = (change: Partial<BucketRequest> = {}): BucketRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  ...{ create: false, ruleId: 'ours' },
  ...change,
})

describe('applyExpiration', () => {
  let rules: FakeRules
  beforeEach(() => {
    rules = new FakeRules()
  })

  const apply = (change: Partial<BucketRequest> = {}, signal = new AbortController().signal) =>
    applyExpiration({ calls: rules, request: request(change), versions: false, context: atMinio(), signal })
  const ids = () => [...(rules.document?.xml ?? '').matchAll(/<ID>(.*?)<\/ID>/g)].map(([, id]) => id)

  test('a lifecycle rule is written once, read back, and removed when it is no longer wanted', async () => {
    rules.document = { xml: all(THEIRS), minimumObjectSize: 'varies_by_storage_class' }
    assert.equal(await apply({ expirationDays: 30 }), 'set expiration of 30 days')
    assert.deepEqual(rules.calls, ['lifecycle', 'lifecycle', 'putLifecycle', 'lifecycle'])
    assert.deepEqual(ids(), ['theirs', 'ours'])

    rules.calls.length = 0
    assert.equal(await apply({ expirationDays: 30 }), undefined)
    assert.deepEqual(rules.calls, ['lifecycle'])

    assert.equal(await apply(), 'removed its expiration rule')
    assert.deepEqual(rules.document, { xml: all(THEIRS), minimumObjectSize: 'varies_by_storage_class' })
  })

  test('the last lifecycle rule is removed with the whole configuration', async () => {
    await apply({ expirationDays: 1 })
    rules.calls.length = 0
    assert.equal(await apply(), 'removed its expiration rule')
    assert.deepEqual(rules.calls, ['lifecycle', 'lifecycle', 'deleteLifecycle', 'lifecycle'])
    assert.equal(await apply(), undefined)
  })

  test('stores of one bucket do not overwrite each other’s lifecycle rules', async () => {
    const stores = Array.from({ length: 20 }, (_, n) => `store-${n}`)
    const results = await Promise.all(stores.map(ruleId => apply({ ruleId, expirationDays: 30 })))
    assert.deepEqual(new Set(results), new Set(['set expiration of 30 days']))
    assert.deepEqual(ids().toSorted(), stores.toSorted())
  })

  type Expected = [intent: string, reason: string, message: RegExp]
  const failures: [name: string, setup: () => void, change: Partial<BucketRequest>, expected: Expected][] = [
    [
      'the identity may not see rules',
      () => Object.assign(rules.answers, { lifecycle: DENIED }),
      { expirationDays: 30 },
      [
        'stalled',
        'PermissionDenied',
        new RegExp(
          `^s3:GetLifecycleConfiguration denied on s3://ml for ${WHO}: .* or remove spec.bucket.expirationDays$`,
        ),
      ],
    ],
    [
      'the identity may not write rules',
      () => Object.assign(rules.answers, { putLifecycle: DENIED }),
      { expirationDays: 30 },
      ['stalled', 'PermissionDenied', /^s3:PutLifecycleConfiguration denied on s3:\/\/ml /],
    ],
    [
      'the identity may not see the rule that must go',
      () => Object.assign(rules.answers, { lifecycle: DENIED }),
      {},
      ['stalled', 'PermissionDenied', /or remove lifecycle rule "ours" by hand$/],
    ],
    [
      'the service knows no rules',
      () => Object.assign(rules.answers, { lifecycle: { status: 501, code: 'NotImplemented' } }),
      { expirationDays: 30 },
      [
        'stalled',
        'BucketChangeRefused',
        /^minio:9000 has no lifecycle rules \(HTTP 501 .* remove spec.bucket.expirationDays$/,
      ],
    ],
    [
      'the rules can’t be read',
      () => Object.assign(rules, { document: { xml: '<html/>' } }),
      { expirationDays: 30 },
      ['stalled', 'LifecycleUnreadable', /bucket "ml"/],
    ],
    [
      'there are a thousand rules',
      () => Object.assign(rules, { document: { xml: all(THEIRS.repeat(1000)) } }),
      { expirationDays: 30 },
      ['stalled', 'LifecycleFull', /1000 lifecycle rules/],
    ],
    [
      'somebody else wrote at the same time',
      () => Object.assign(rules, { onWritten: () => Object.assign(rules, { document: { xml: all(THEIRS) } }) }),
      { expirationDays: 30 },
      ['transient', 'LifecycleConflict', /bucket "ml"/],
    ],
    [
      'there is no bucket',
      () => Object.assign(rules.answers, { lifecycle: { status: 404, code: 'NoSuchBucket' } }),
      { expirationDays: 30 },
      ['stalled', 'BucketNotFound', /"ml"/],
    ],
  ]
  for (const [name, setup, change, [intent, reason, message]] of failures) {
    test(`a lifecycle rule can’t be kept, and the failure says why: ${name}`, async () => {
      setup()
      const result = await apply(change)
      assert.ok(isFailure(result), JSON.stringify(result))
      assert.deepEqual([result.intent, result.reason], [intent, reason])
      assert.match(result.message, message)
    })
  }

  for (const answer of [DENIED, { status: 501, code: 'NotImplemented' }]) {
    test(`a store that wants no lifecycle rule needs no right to see rules: ${answer.code}`, async () => {
      rules.answers.lifecycle = answer as Answer<never>
      assert.equal(await apply({ create: true }), undefined)
      assert.equal(await apply({ versioning: 'Enabled' }), undefined)
    })
  }

  test('a service that knows no lifecycle rules has none to remove', async () => {
    rules.answers.lifecycle = { status: 501, code: 'NotImplemented' }
    assert.equal(await apply(), undefined)
    assert.deepEqual(rules.calls, ['lifecycle'])
  })

  test('a failure says whether the rule may have been written', async () => {
    const may = async () => !isBeforeRule(failed(await apply({ expirationDays: 30 })))
    rules.answers.putLifecycle = DENIED
    assert.equal(await may(), true)
    rules.answers.lifecycle = DENIED
    assert.equal(await may(), false)
    rules.answers.lifecycle = { status: 501, code: 'NotImplemented' }
    assert.equal(await may(), false)
  })

  test('rules that earlier stores of the name have left are removed, and those of others stay', async () => {
    const rule = (id: string) => `<Rule><ID>${id}</ID></Rule>`
    rules.document = { xml: all(['s/c-1', 's/c-2', 's/d-1', 's2/c-1'].map(rule).join('')) }
    const request = { ruleId: 's/c-3', earlierRules: 's/c-', expirationDays: 30 }
    const said = 'set expiration of 30 days, and removed an earlier rule of this name'
    assert.equal(await apply(request), said)
    assert.deepEqual(
      ids(),
      ['s/c-3', 's/d-1', 's2/c-1'].sort((a, b) => ids().indexOf(a) - ids().indexOf(b)),
    )
    assert.equal(await apply(request), undefined)
  })

  test('the rule that a store has under its former name is replaced, and goes with it', async () => {
    const rule = (id: string) => `<Rule><ID>${id}</ID></Rule>`
    const request = { ruleId: 's/c-3', earlierRules: 's/c-', formerRule: 's/3' }
    for (const [expirationDays, left] of [
      [30, ['s/33', 's/c-3']],
      [undefined, ['s/33']],
    ] as const) {
      rules.document = { xml: all(['s/3', 's/33'].map(rule).join('')) }
      assert.match(`${await apply({ ...request, expirationDays })}`, /, and removed an earlier rule of this name$/)
      assert.deepEqual(ids().toSorted(), left)
    }
  })

  test('a caller that gives up writes no lifecycle rule', async () => {
    const controller = new AbortController()
    rules.lifecycle = async () => {
      controller.abort(new Error('worker stopped'))
      return { status: 404, code: 'NoSuchLifecycleConfiguration' }
    }
    await assert.rejects(apply({ expirationDays: 30 }, controller.signal), /worker stopped/)
    assert.equal(rules.document, undefined)
  })
})

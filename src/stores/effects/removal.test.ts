import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, NOW, projectedSecret } from '../../../test/support/objects.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import { removeSecrets } from './removal.ts'

const none = new AbortController().signal
const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
const secrets = (count: number) => Array.from({ length: count }, (_, index) => projectedSecret(`s-${index}`, stamp))
const refused = stalled('SecretForbidden', 'm')

/** Turns that take the given time for each removal; `fails` says which of them are refused. */
function turns({ ms = 0, fails = () => false }: { ms?: number; fails?: (name: string) => boolean } = {}) {
  let time = 0
  const asked: string[] = []
  const writer = {
    async remove({ metadata: { name } }: { metadata: { name: string } }): Promise<Failure | undefined> {
      asked.push(name)
      time += ms
      return fails(name) ? refused : undefined
    },
  }
  return {
    asked,
    turn: (given: ReturnType<typeof secrets>) => removeSecrets(given, { writer, monotonic: () => time++ }, none),
  }
}

test('a turn removes what there is, and says so', async () => {
  const { turn } = turns()
  const { removed, failure } = await turn(secrets(3))
  assert.deepEqual([removed.size, failure], [3, undefined])
})

test('a turn ends after its time, and the rest is left to the next one', async () => {
  const { turn, asked } = turns({ ms: 5_000 })
  const { removed, failure } = await turn(secrets(100))
  assert.equal(failure?.reason, 'ProjectionUnfinished')
  assert.ok(removed.size === asked.length && asked.length < 20, `${asked.length}`)
})

test('a turn that removed nothing says why', async () => {
  const { turn } = turns({ fails: () => true })
  assert.equal((await turn(secrets(1_000))).failure, refused)
})

test('Secrets that can’t be removed do not use up the turns of those behind them', async () => {
  const { turn } = turns({ fails: name => Number(name.slice(2)) < 300 })
  let left = secrets(400)
  for (let count = 0; count < 20 && left.length > 300; count++) {
    const { removed } = await turn(left)
    left = left.filter(secret => !removed.has(secret))
  }
  assert.equal(left.length, 300)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../../../test/support/runtime/fake-clock.ts'
import { Lookups } from './lookups.ts'

/** Makes lookups whose names are answered when the test says so, unless they are found at once. */
function setUp() {
  const silent: { host: string; fail: () => void }[] = []
  let isSilent = (host: string) => host.endsWith('.silent')
  const lookups = new Lookups((host, _options, callback) => {
    if (!isSilent(host)) return callback(null, [{ address: '10.0.0.1', family: 4 }])
    silent.push({ host, fail: () => callback(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }), []) })
  })
  /** Looks up, and says how it ended, if it has. */
  const ask = async (owner: string, host: string) => {
    let end = 'waits'
    lookups.lookUp(owner, host, { all: true }).then(
      () => {
        end = 'found'
      },
      (error: Error) => {
        end = error.message
      },
    )
    await settle()
    return () => end
  }
  const askSilent = async (owner: string, count: number) => {
    for (let n = 0; n < count; n++) await ask(owner, `${owner}-${n}.silent`)
  }
  const silence = (host: string) => {
    const before = isSilent
    isSilent = other => other === host || before(other)
  }
  return { lookups, silent, ask, askSilent, silence }
}

test('an owner whose names DNS does not answer has four lookups, and keeps nobody else from his', async () => {
  const { silent, ask, askSilent } = setUp()
  await askSilent('hostile', 100)
  assert.equal(silent.length, 4)
  assert.equal((await ask('team', 'minio.team'))(), 'found')
  assert.equal((await ask('hostile', 'fine.example'))(), 'waits')
})

test('names that were found before are looked up whoever else asks for names that DNS does not answer', async () => {
  const { silent, ask, askSilent, silence } = setUp()
  await ask('team', 'minio.team')
  for (const owner of ['a', 'b', 'c', 'd']) await askSilent(owner, 10)
  assert.equal(silent.length, 12)
  assert.equal((await ask('team', 'minio.team'))(), 'found')
  assert.equal((await ask('team', 'new.team'))(), 'waits')
  silence('minio.team')
  const broken = await ask('team', 'minio.team')
  silent.at(-1)?.fail()
  await settle()
  assert.equal(broken(), 'no answer')
  await ask('team', 'minio.team')
  assert.equal(silent.length, 13, 'it is like one that was never found')
})

test('a name that gets no turn in the time for a connection is given up, and nothing of it is kept', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { lookups, silent, ask, askSilent } = setUp()
  await askSilent('hostile', 4)
  const late = await ask('hostile', 'late.example')
  t.mock.timers.tick(2_999)
  await settle()
  assert.equal(late(), 'waits')
  t.mock.timers.tick(1)
  await settle()
  assert.match(late(), /EAI_AGAIN late\.example: too many names/)
  for (const { fail } of silent) fail()
  await settle()
  assert.equal(lookups.owners, 0)
  assert.equal((await ask('hostile', 'late.example'))(), 'found')
})

test('a name is looked up once for all owners that wait for its answer', async () => {
  const { silent, ask } = setUp()
  for (const owner of ['a', 'a', 'b']) await ask(owner, 'x.silent')
  assert.deepEqual(
    silent.map(({ host }) => host),
    ['x.silent'],
  )
})

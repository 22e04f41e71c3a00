import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createProfiler } from './profile.ts'

function setUp(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'profile-'))
  context.after(() => rmSync(directory, { recursive: true }))
  const told: string[] = []
  const log = {
    info: (_: object, message: string) => told.push(message),
    warn: (_: object, text: string) => told.push(text),
  }
  return { directory, told, log }
}

test('profiles say where time and memory went, and hold no value', async context => {
  const { directory, log } = setUp(context)
  const secret = ['secret', 'access', 'key'].join('-of-')
  const kept: object[] = []
  const timer = setInterval(function allocates() {
    for (let n = 0; n < 10_000; n++) kept.push({ [`${secret}-${n}`]: `${secret} ${n}` })
  }, 5)
  await createProfiler({ directory, log, ms: 200 })()
  clearInterval(timer)
  assert.ok(kept.length > 0)
  const files = readdirSync(directory).sort()
  assert.deepEqual(files, ['operator.cpuprofile', 'operator.heapprofile'])
  for (const file of files) {
    const text = readFileSync(join(directory, file), 'utf8')
    assert.ok(text.includes('allocates'), file)
    assert.equal(text.includes(secret), false, file)
  }
})

test('without a folder, the memory in use is told, and nothing is written', async context => {
  const { log, told } = setUp(context)
  await createProfiler({ directory: undefined, log })()
  assert.deepEqual(told, ['memory in use, in bytes'])
})

test('signals during a profile begin no other one', async context => {
  const { directory, log, told } = setUp(context)
  const profile = createProfiler({ directory, log, ms: 20 })
  await Promise.all([profile(), profile()])
  assert.equal(told.filter(message => message === 'profiling').length, 1)
})

test('a folder that can’t be written to is told of', async context => {
  const { directory, log, told } = setUp(context)
  await createProfiler({ directory: join(directory, 'absent'), log, ms: 1 })()
  assert.equal(told.at(-1), 'no profile was written')
})

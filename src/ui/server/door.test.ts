import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Door } from './door.ts'
import { isRefused } from './gate.ts'

function doorAt() {
  const clock = { ms: 0 }
  let revoked = 0
  const door = new Door({
    now: () => clock.ms,
    onRevoke: () => {
      revoked++
    },
  })
  const enter = (code: string): string => {
    const given = door.enter(code)
    return isRefused(given) ? given.words : given.token
  }
  return { door, clock, enter, revoked: () => revoked }
}

describe('the code with which a browser is opened', () => {
  test('lets in once, with a token of its own', () => {
    const { door, enter } = doorAt()
    const token = enter(door.code())
    assert.notEqual(token, door.token)
    assert.deepEqual([...door.tokens], [door.token, token])
  })

  test('that comes a second time is refused, and who was let in by it is out', () => {
    const { door, enter, revoked } = doorAt()
    const code = door.code()
    const token = enter(code)
    assert.match(enter(code), /^this URL has been used, .* open the URL that "kubectl artifactstore ui" has printed/)
    assert.match(enter(code), /^this URL has been used/)
    assert.ok(!door.tokens.has(token))
    assert.ok(door.tokens.has(door.token))
    assert.equal(revoked(), 1)
  })

  test('ends after two minutes', () => {
    const { door, clock, enter } = doorAt()
    const [soon, late] = [door.code(), door.code()]
    clock.ms = 120_000
    assert.ok(door.tokens.has(enter(soon)))
    clock.ms = 120_001
    assert.match(enter(late), /^this URL was opened too late/)
  })

  for (const [name, code] of [
    ['of an earlier start', 'x'.repeat(43)],
    ['that is empty', ''],
    ['that is the name of a member', '__proto__'],
  ] as const) {
    test(`${name} lets nobody in`, () => assert.match(doorAt().enter(code), /^this URL is of an earlier start/))
  }

  test('is no token, and a token is no code', () => {
    const { door, enter } = doorAt()
    assert.ok(!door.tokens.has(door.code()))
    assert.match(enter(door.token), /^this URL is of an earlier start/)
  })
})

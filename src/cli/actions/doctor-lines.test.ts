import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Finding } from '../doctor/finding.ts'
import { colourless } from '../text/style.ts'
import { widthOf } from '../text/width.ts'
import { diffLines, doctorLines } from './doctor-lines.ts'

const view = { width: 60, paint: colourless }
const COMMAND = `kubectl patch artifactstore models -n ml --type=merge -p '{"spec":{"default":null}}'`
const finding: Finding = {
  ...{
    kind: 'store',
    namespace: 'ml',
    name: 'models',
    reason: 'DefaultConflict',
    message: 'spec.default: there is one',
  },
  ...{ isCaution: false, explains: [] },
  cures: [{ place: 'cluster', words: 'let the other be it', commands: [COMMAND], needs: [] }],
}

describe('findings as lines', () => {
  test('a finding has what, why, the cure, and its command as it is, however wide', () => {
    assert.deepEqual(doctorLines([finding], 'well', view), [
      '1. store ml/models: DefaultConflict',
      '   spec.default: there is one',
      '   Cure: let the other be it',
      `     ${COMMAND}`,
      '',
    ])
  })

  test('other cures follow, with what they need', () => {
    const cures: Finding['cures'] = [
      { place: 'outside', words: 'have it allowed', commands: [], needs: [] },
      { place: 'cluster', words: 'write it', commands: ['run it'], needs: ['AWS_ROLE_ARN', 'file ca.crt'] },
    ]
    assert.deepEqual(doctorLines([{ ...finding, cures, document: 'docs/aws.md' }], 'well', view).slice(2), [
      '   Cure outside of the cluster: have it allowed',
      '   Or: write it',
      '   It needs: AWS_ROLE_ARN, file ca.crt',
      '     run it',
      '   See: docs/aws.md, or "kubectl artifactstore explain',
      '   DefaultConflict"',
      '',
    ])
  })

  test('of many objects with the same cause, some are named', () => {
    const explains = Array.from({ length: 7 }, (_, at) => ({ kind: 'store' as const, namespace: 'ml', name: `s${at}` }))
    const text = doctorLines([{ ...finding, explains }], 'well', { ...view, width: 200 }).join('\n')
    assert.match(text, /Also because of this: store ml\/s0, .*, store ml\/s4 and 2 more$/m)
  })

  test('cautions come last, and leave all well', () => {
    const lines = doctorLines([{ ...finding, isCaution: true }], 'Nothing is wrong.', view)
    assert.deepEqual(lines.slice(0, 4), ['Nothing is wrong.', '', 'Works, but:', 'store ml/models: DefaultConflict'])
  })

  test('what the cluster says is one harmless text that fits the terminal', () => {
    const message = `\u001b[2J\u202e${'a word '.repeat(40)}\n2. connector ml/fake: AllWell`
    const lines = doctorLines([{ ...finding, message, reason: 'X\u0007' }], 'well', view)
    assert.deepEqual(
      lines.filter(line => line.startsWith('2.')),
      [],
    )
    for (const line of lines.filter(line => !line.includes(COMMAND))) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
      assert.ok(widthOf(line) <= view.width, line)
    }
  })
})

test('a diff is marked line by line', () => {
  const lines = diffLines(
    'Secret ml/keys:',
    [
      { sign: ' ', text: 'labels:' },
      { sign: '+', text: '  a: b' },
    ],
    view,
  )
  assert.deepEqual(lines, ['Secret ml/keys:', '    labels:', '  +   a: b'])
})

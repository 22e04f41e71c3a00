import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Target } from '../plan/targets.ts'
import { tooLarge } from './secret-size.ts'

const target = { namespace: 'team', secretName: 'prod-step' } as Target
const MIB = 1_048_576
const of = (bytes: number): string => 'x'.repeat(bytes)

const cases: [name: string, secrets: Record<string, string>[], message: string | undefined][] = [
  ['a Secret is not too large when it has the size that is allowed', [{ a: of(MIB - 10), b: of(10) }], undefined],
  ['a pair of Secrets is not too large when each of them fits', [{ a: of(MIB) }, { a: of(MIB) }], undefined],
  [
    'a Secret is too large by a single byte, and its largest keys are named',
    [{ config: of(1), 'ca.crt': of(MIB) }],
    `Secret "team/prod-step" would hold 1025 KiB, and Kubernetes allows 1024 KiB; the largest keys are "ca.crt" 1024 KiB, "config" 1 KiB: shorten the connector's caBundle, or ask for fewer formats in one entry`,
  ],
  [
    'a second Secret is too large by its bytes, though not by its characters',
    [{}, { a: of(10), b: of(3000), c: '\u00e4'.repeat(MIB / 2), d: of(2000) }],
    `Secret "team/prod-step-env" would hold 1029 KiB, and Kubernetes allows 1024 KiB; the largest keys are "c" 1024 KiB, "b" 3 KiB, "d" 2 KiB: shorten the connector's caBundle, or ask for fewer formats in one entry`,
  ],
]
for (const [name, secrets, message] of cases) {
  test(name, () => {
    const rendered = secrets.map((data, index) => ({ suffix: index === 0 ? ('' as const) : ('-env' as const), data }))
    assert.equal(tooLarge(target, rendered)?.message, message)
  })
}

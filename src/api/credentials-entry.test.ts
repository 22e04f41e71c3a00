import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { credentialsSchema, type Format } from './credentials-entry.ts'

describe('formats of an entry', () => {
  const cases: [formats: Format[], isAllowed: boolean][] = [
    [['WebIdentity'], true],
    [['WebIdentity', 'ZenML', 'Rclone'], true],
    [['AwsProfile', 'Env', 'Turborepo'], true],
    [['WebIdentity', 'AwsProfile'], false],
    [['Env', 'WebIdentity'], false],
    [['WebIdentity', 'ZenML', 'Turborepo'], false],
  ]
  for (const [formats, isAllowed] of cases) {
    test(`${formats.join(' and ')} ${isAllowed ? 'can' : "can't"} be in one entry`, () => {
      const { success, error } = credentialsSchema.safeParse([{ name: 'step', formats }])
      assert.equal(success, isAllowed)
      if (!isAllowed) assert.match(error?.issues[0]?.message ?? '', /give WebIdentity an entry of its own$/)
    })
  }
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NOW, resultOf, succeeded } from '../../../test/support/azure.ts'
import { isFailure } from '../../api/failures.ts'
import { parseSasToken, sasTimeFailure } from './sas-token.ts'

const source = { field: 'spec.azure.auth.sasToken.secretName', secret: 'ml/sas' }
const ACCOUNT = 'sv=2022-11-02&ss=b&srt=co&sp=rl&se=2030-01-01T13:00:00Z&sig=hush'
const SERVICE = 'sv=2022-11-02&sr=c&sp=racwdl&st=2030-01-01&se=2030-01-02T00%3A00Z&spr=https&sig=hush'

describe('parseSasToken', () => {
  const cases: [name: string, text: string, expected: object | [reason: string, words: RegExp], http?: boolean][] = [
    ['for an account', ACCOUNT, { scope: 'account', permissions: 'rl', expiresAt: new Date('2030-01-01T13:00:00Z') }],
    [
      'for a container',
      SERVICE,
      {
        scope: 'container',
        permissions: 'racwdl',
        startsAt: new Date('2030-01-01'),
        expiresAt: new Date('2030-01-02'),
      },
    ],
    ['with its question mark', `?${ACCOUNT}`, { text: ACCOUNT }],
    ['for a directory', 'sv=1&sr=d&sdd=1&sp=r&se=2030-01-02&sig=x', { scope: 'container' }],
    ['of a stored policy', 'sv=1&sr=c&si=policy&sig=x', { scope: 'container', text: 'sv=1&sr=c&si=policy&sig=x' }],
    [
      'of a delegation key that ends before it',
      `${SERVICE}&skoid=o&skt=2030-01-01T06:00:00Z&ske=2030-01-01T18:00:00Z`,
      { startsAt: new Date('2030-01-01T06:00:00Z'), expiresAt: new Date('2030-01-01T18:00:00Z') },
    ],
    [
      'of a delegation key that lasts longer',
      `${SERVICE}&skt=2029-12-31&ske=2030-01-05`,
      { startsAt: new Date('2030-01-01'), expiresAt: new Date('2030-01-02') },
    ],
    ['whose key has a broken end', `${SERVICE}&ske=soon`, ['InvalidCredentials', /"ske" that is no time/]],
    ['in a whole URL', `https://acme/data?${SERVICE}`, ['InvalidCredentials', /whole URL/]],
    ['without a signature', 'sv=1&sr=c&sp=r', ['InvalidCredentials', /no "sv" or no "sig"/]],
    ['that is an account key', 'aGFsbG8=', ['InvalidCredentials', /no "sv" or no "sig"/]],
    ['with a broken end', 'sv=1&sr=c&sp=r&se=soon&sig=hush', ['InvalidCredentials', /"se" that is no time/]],
    ['for queues', ACCOUNT.replace('ss=b', 'ss=q'), ['SasInsufficient', /ss=q\): create one with ss=b/]],
    ['for containers only', ACCOUNT.replace('srt=co', 'srt=c'), ['SasInsufficient', /srt=c\)/]],
    ['for objects only', ACCOUNT.replace('srt=co', 'srt=so'), ['SasInsufficient', /srt=so\)/]],
    ['for one blob', SERVICE.replace('sr=c', 'sr=b'), ['SasInsufficient', /single blob \(sr=b\)/]],
    ['with a wrong paste for its resource', SERVICE.replace('sr=c', 'sr=hush/9'), ['SasInsufficient', /sr=unreadable/]],
    ['without permissions', SERVICE.replace('&sp=racwdl', ''), ['SasInsufficient', /no permissions \(sp\)/]],
    ['for https at an http endpoint', SERVICE, ['SasInsufficient', /https only/], true],
  ]
  for (const [name, text, expected, http = false] of cases) {
    test(`a token ${name} is ${Array.isArray(expected) ? expected[0] : 'taken'}`, () => {
      const parsed = parseSasToken(text, source, http)
      if (!Array.isArray(expected)) return assert.partialDeepStrictEqual(parsed, expected)
      assert.ok(isFailure(parsed))
      const [reason, words] = expected
      assert.equal(resultOf(parsed), `stalled ${reason}`)
      assert.match(parsed.message, words)
      assert.match(parsed.message, /^spec\.azure\.auth\.sasToken\.secretName: the SAS token in Secret "ml\/sas"/)
      assert.doesNotMatch(parsed.message, /hush/)
    })
  }
})

describe('sasTimeFailure', () => {
  const cases: [name: string, change: string, expected: string][] = [
    ['that has not ended', '', 'ok'],
    ['that has ended', '&se=2030-01-01T12:00:00Z', 'stalled CredentialsExpired'],
    ['without an end of its own', '&si=policy', 'ok'],
    ['that starts a little later', '&st=2030-01-01T12:04:00Z&se=2031-01-01', 'ok'],
    ['that starts later', '&st=2030-01-01T12:06:00Z&se=2031-01-01', 'waiting CredentialsNotYetValid'],
  ]
  for (const [name, change, expected] of cases) {
    test(`a token ${name} is ${expected}`, () => {
      const token = succeeded(parseSasToken(`sv=1&sr=c&sp=r&sig=x${change}`, source, false))
      assert.equal(resultOf(sasTimeFailure(token, source, NOW)), expected)
    })
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, parseConfig } from './config.ts'

test('defaults', () => {
  assert.deepEqual(
    { ...parseConfig([], { POD_NAMESPACE: 'system' }, 'host') },
    {
      kubeconfig: undefined,
      namespace: 'system',
      instance: 'host',
      concurrency: 16,
      listen: ':8080',
      leaderElect: true,
      logLevel: 'info',
      allowedAudiences: ['sts.amazonaws.com', 'api://AzureADTokenExchange'],
    },
  )
})

const bad: [args: string[], message: RegExp][] = [
  [['--concurrency=0'], /^--concurrency: "0" is no whole number from 1 to 256/],
  [['--concurrency=many'], /^--concurrency/],
  [['--leader-elect=maybe'], /^--leader-elect: "maybe" is not known: use true, false/],
  [['--log-level=loud'], /^--log-level: "loud" is not known: use debug, info, warn, error/],
  [['--listen=8080'], /^--listen: /],
  [['--allowed-audiences=a,,b'], /^--allowed-audiences: has an empty entry/],
  [['--allowed-audiences=https://kubernetes.default.svc.cluster.local'], /is an audience of the API server: remove it/],
  [['--allowed-audiences=kubernetes'], /is an audience of the API server/],
  [['--unknown'], /unknown/i],
]
for (const [args, message] of bad) {
  test(args.join(' '), () => {
    assert.throws(
      () => parseConfig(args, {}, 'host'),
      (error: unknown) => error instanceof ConfigError && message.test(error.message),
    )
  })
}

/** Whatever is in a spec, a Secret, a ConfigMap or an annotation: plan, grant and conclude always lead to conditions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CredentialMaterial } from '../../src/api/material.ts'
import { createAzureProvider } from '../../src/providers/azure/provider.ts'
import type { Provider, SharedSession } from '../../src/providers/provider.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { fuzzed, hostileText } from '../support/hostile-values.ts'
import { hostileWorlds, reconcileWorld, SECRET, type World } from '../support/hostile-world.ts'
import { azureIdentity, minioIdentity } from '../support/materials.ts'
import { fakeSession, goodProbe, minutes, NOW } from '../support/objects.ts'
import { AWS_WORLDS, AZURE_WORLDS } from '../support/worlds.ts'

/** What a session answers, with texts that an endpoint chooses. */
interface Answers {
  arn: string
  region: string
  detail: string
  result: 'Allowed' | 'Denied' | 'Unknown'
  key: string
  secret: string
}

/** Providers hand on no more of a text than this, and no control characters. */
const bounded = hostileText.map(text => text.slice(0, 2_048).replace(/\p{C}/gu, ' '))

const answers: fc.Arbitrary<Answers> = fc.record({
  arn: bounded,
  region: bounded,
  detail: bounded,
  result: fc.constantFrom('Allowed', 'Allowed', 'Denied', 'Unknown'),
  key: fc.oneof(fc.constant('ASIA1'), hostileText),
  secret: fc.oneof(
    fc.constant(SECRET),
    hostileText.map(text => `${text}${SECRET}`),
  ),
})

function session(base: CredentialMaterial, provider: Provider, answers: Answers): SharedSession {
  const { arn, region, detail, result, key, secret } = answers
  const ours =
    base.cloud === 'aws'
      ? { accessKeyId: key, secretAccessKey: secret, sessionToken: secret }
      : { sasToken: `sig=${secret}` }
  return fakeSession({
    caller: { arn, accountId: arn },
    principal: arn,
    probe: async ({ required }) => ({
      ...goodProbe,
      bucket: { ...goodProbe.bucket, region },
      permissions: [...new Set([...required, ...provider.requiredPermissions([])])].map(action => ({
        ...{ action, result },
        ...(result !== 'Allowed' && { detail }),
      })),
    }),
    prepare: async () => ({ kind: 'prepared', changes: [] }),
    grant: async () => ({
      ...{ kind: 'grant', issuedAt: NOW, expiresAt: minutes(60) },
      material: { ...base, ...ours } as CredentialMaterial,
    }),
  })
}

const CLOUDS: [provider: Provider, worlds: World[], base: CredentialMaterial][] = [
  [createS3Provider({ now: () => NOW }), AWS_WORLDS, minioIdentity],
  [createAzureProvider({ now: () => NOW }), AZURE_WORLDS, azureIdentity],
]

for (const [provider, worlds, base] of CLOUDS) {
  test(`${provider.name}: a store and its connector say something, whatever their specs and Secrets are`, async () => {
    let written = 0
    await fc.assert(
      fc.asyncProperty(
        hostileWorlds(worlds),
        answers,
        fc.constantFrom(false, false, false, true),
        async (world, answers, going) => {
          const { secrets } = await reconcileWorld(world, {
            providers: { [provider.name]: provider },
            sessions: { get: async () => session(base, provider, answers) },
            signal: AbortSignal.timeout(60_000),
            now: () => NOW,
            going,
          })
          written += secrets.length
        },
      ),
      fuzzed(400),
    )
    assert.ok(written > 0, 'no Secret was ever written')
  })
}

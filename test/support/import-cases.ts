/** Files of projects whose imports are as they should be, or break one rule, for test/import-rules.test.ts. */
import { cliImportCases, type ImportCase } from './import-cases-cli.ts'
import { uiImportCases } from './import-cases-ui.ts'

const nothing = 'export const x = 1\n'
const pure = '/** Pure: decides. */\n'
export const importCases: ImportCase[] = [
  ...cliImportCases,
  ...uiImportCases,
  [
    'a file that imports what is below it',
    {
      'src/stores/reconcile.ts': `import '../kube/client.ts'\nimport '../formats/index.ts'\nimport 'undici'\n`,
      'src/main.ts': `import './operator/operator.ts'\n`,
      'src/operator/operator.ts': `import '../stores/reconcile.ts'\nimport '../config.ts'\nimport '../kube/client.ts'\n`,
      'src/config.ts': nothing,
      'src/kube/client.ts': `import { request } from 'node:https'\nimport { Agent } from 'undici'\n`,
      'src/formats/index.ts': `import { createHash } from 'node:crypto'\nimport { z } from 'zod'\n`,
    },
    [],
  ],
  [
    'a provider that sees Kubernetes',
    { 'src/providers/s3/session.ts': `import '../../kube/client.ts'\n`, 'src/kube/client.ts': nothing },
    ['layer-providers'],
  ],
  [
    'a provider that sees Kubernetes by type only',
    {
      'src/providers/s3/session.ts': `import type { Client } from '../../kube/client.ts'\n`,
      'src/kube/client.ts': 'export interface Client { x: 1 }\n',
    },
    ['layer-providers'],
  ],
  [
    'the rooms of providers/ and of providers/s3/ import the rooms below them, and the files beside those',
    {
      'src/providers/provider.ts': nothing,
      'src/providers/count-pages.ts': `import './provider.ts'\nimport './network/answer.ts'\n`,
      'src/providers/network/answer.ts': nothing,
      'src/providers/sessions/session-cache.ts': `import '../provider.ts'\n`,
      'src/providers/azure/calls.ts': `import '../count-pages.ts'\nimport '../network/answer.ts'\n`,
      'src/providers/s3/identity/identity.ts': `import '../../provider.ts'\n`,
      'src/providers/s3/answers/answer.ts': `import '../../network/answer.ts'\nimport '../identity/identity.ts'\n`,
      'src/providers/s3/calls/call.ts': `import '../answers/answer.ts'\nimport '../identity/identity.ts'\n`,
      'src/providers/s3/probe/probe.ts': `import '../calls/call.ts'\nimport '../answers/answer.ts'\n`,
      'src/providers/s3/session.ts': `import './probe/probe.ts'\nimport './calls/call.ts'\n`,
    },
    [],
  ],
  [
    'network/ of the providers may not import a cloud',
    { 'src/providers/network/gate.ts': `import '../azure/calls.ts'\n`, 'src/providers/azure/calls.ts': nothing },
    ['providers-network'],
  ],
  [
    'sessions/ of the providers may not import a cloud',
    { 'src/providers/sessions/cache.ts': `import '../s3/session.ts'\n`, 'src/providers/s3/session.ts': nothing },
    ['providers-sessions'],
  ],
  [
    'sessions/ of the providers may not import network/',
    { 'src/providers/sessions/cache.ts': `import '../network/gate.ts'\n`, 'src/providers/network/gate.ts': nothing },
    ['providers-sessions'],
  ],
  [
    'S3 may not import Azure, even for a type',
    {
      'src/providers/s3/session.ts': `import type { Calls } from '../azure/calls.ts'\n`,
      'src/providers/azure/calls.ts': 'export interface Calls { x: 1 }\n',
    },
    ['providers-s3'],
  ],
  [
    'Azure may not import S3',
    { 'src/providers/azure/calls.ts': `import '../s3/calls/call.ts'\n`, 'src/providers/s3/calls/call.ts': nothing },
    ['providers-azure'],
  ],
  [
    'the contract of the providers may not import a cloud',
    { 'src/providers/provider.ts': `import './s3/session.ts'\n`, 'src/providers/s3/session.ts': nothing },
    ['providers-contract'],
  ],
  [
    'what identities need at Azure may not import its calls',
    { 'src/providers/azure/needs/roles.ts': `import '../calls.ts'\n`, 'src/providers/azure/calls.ts': nothing },
    ['azure-needs'],
  ],
  [
    'the identity of S3 may not import its answers',
    {
      'src/providers/s3/identity/identity.ts': `import '../answers/answer.ts'\n`,
      'src/providers/s3/answers/answer.ts': nothing,
    },
    ['s3-identity'],
  ],
  [
    'the answers of S3 may not import its calls',
    {
      'src/providers/s3/answers/answer.ts': `import '../calls/call.ts'\n`,
      'src/providers/s3/calls/call.ts': nothing,
    },
    ['s3-answers'],
  ],
  [
    'the calls of S3 may not import what a session does with them',
    { 'src/providers/s3/calls/call.ts': `import '../probe/probe.ts'\n`, 'src/providers/s3/probe/probe.ts': nothing },
    ['s3-calls'],
  ],
  [
    'nothing that a session of S3 does may import another thing that it does',
    {
      'src/providers/s3/open/chain.ts': `import '../grant/policy.ts'\n`,
      'src/providers/s3/probe/probe.ts': `import '../measure/by-listing.ts'\n`,
      'src/providers/s3/prepare/bucket.ts': `import '../probe/bucket-memory.ts'\n`,
      'src/providers/s3/grant/grant.ts': `import '../open/session-name.ts'\n`,
      'src/providers/s3/measure/resources.ts': `import '../prepare/xml.ts'\n`,
      'src/providers/s3/trial/trial.ts': `import '../grant/policy.ts'\n`,
      'src/providers/s3/needs/grants.ts': `import '../grant/policy.ts'\n`,
      'src/providers/s3/grant/policy.ts': nothing,
      'src/providers/s3/measure/by-listing.ts': nothing,
      'src/providers/s3/probe/bucket-memory.ts': nothing,
      'src/providers/s3/open/session-name.ts': nothing,
      'src/providers/s3/prepare/xml.ts': nothing,
    },
    ['s3-grant', 's3-measure', 's3-needs', 's3-open', 's3-prepare', 's3-probe', 's3-trial'],
  ],
  [
    'nothing that a session of S3 does may import the session',
    { 'src/providers/s3/grant/grant.ts': `import '../session.ts'\n`, 'src/providers/s3/session.ts': nothing },
    ['s3-grant'],
  ],
  [
    'a runtime that knows stores',
    {
      'src/runtime/queue/line.ts': `export { x } from '../../stores/plan/plan.ts'\n`,
      'src/stores/plan/plan.ts': `${pure}${nothing}`,
    },
    ['layer-runtime'],
  ],
  [
    'an API that knows its client',
    { 'src/api/names.ts': `const client = await import('../kube/client.ts')\n`, 'src/kube/client.ts': nothing },
    ['layer-api'],
  ],
  [
    'a deadline that knows the API',
    { 'src/async/deadline.ts': `import '../api/failures.ts'\n`, 'src/api/failures.ts': nothing },
    ['layer-async'],
  ],
  [
    'the gate for foreign text that imports what is behind it',
    { 'src/foreign/text.ts': `import '../api/failures.ts'\n`, 'src/api/failures.ts': nothing },
    ['layer-foreign'],
  ],
  [
    'telemetry that knows the API',
    { 'src/telemetry/log.ts': `import '../api/names.ts'\n`, 'src/api/names.ts': nothing },
    ['layer-telemetry'],
  ],
  [
    'a client that knows what runs on it',
    { 'src/kube/client.ts': `import '../runtime/clock.ts'\n`, 'src/runtime/clock.ts': nothing },
    ['layer-kube'],
  ],
  [
    'a format that knows a cloud',
    { 'src/formats/env.ts': `import '../providers/provider.ts'\n`, 'src/providers/provider.ts': nothing },
    ['layer-formats'],
  ],
  [
    'a connector that knows stores',
    {
      'src/connectors/reconcile.ts': `import '../stores/reconcile.ts'\n`,
      'src/stores/reconcile.ts': nothing,
    },
    ['layer-connectors'],
  ],
  [
    'spans that know the metrics',
    { 'src/telemetry/otel/spans.ts': `import '../metrics.ts'\n`, 'src/telemetry/metrics.ts': nothing },
    ['telemetry-otel'],
  ],
  [
    'a queue that knows the controller',
    { 'src/runtime/queue/workqueue.ts': `import '../controller.ts'\n`, 'src/runtime/controller.ts': nothing },
    ['runtime-queue'],
  ],
  [
    'a queue that knows the clock and the delays of retries',
    {
      'src/runtime/queue/workqueue.ts': `import './line.ts'\nimport '../backoff.ts'\nimport '../clock.ts'\n`,
      'src/runtime/queue/line.ts': nothing,
      'src/runtime/backoff.ts': nothing,
      'src/runtime/clock.ts': nothing,
    },
    [],
  ],
  [
    'a layer that knows how it is wired',
    { 'src/stores/reconcile.ts': `import '../operator/caches.ts'\n`, 'src/operator/caches.ts': nothing },
    ['layer-stores', 'operator-for-main'],
  ],
  [
    'a configuration that knows how it is wired',
    { 'src/config.ts': `import './operator/operator.ts'\n`, 'src/operator/operator.ts': nothing },
    ['operator-for-main'],
  ],
  [
    'an operator that starts the process',
    { 'src/operator/operator.ts': `import '../main.ts'\n`, 'src/main.ts': nothing },
    ['main-for-nobody'],
  ],
  ['a plan with a socket', { 'src/stores/plan/plan.ts': `${pure}import { connect } from 'node:net'\n` }, ['pure']],
  ['a conclusion with an SDK', { 'src/connectors/conclude.ts': `${pure}import '@aws-sdk/client-sts'\n` }, ['pure']],
  [
    'a format that reads a file',
    { 'src/formats/env.ts': `${pure}import { readFile } from 'node:fs/promises'\n` },
    ['pure'],
  ],
  [
    'a plan with a client',
    {
      'src/stores/plan/plan.ts': `${pure}import type { x } from '../../kube/client.ts'\n`,
      'src/kube/client.ts': nothing,
    },
    ['pure-knows-no-client'],
  ],
  [
    'a file of any name whose long header says that it is pure',
    { 'src/providers/s3/answers.ts': `/**\n * Pure: answers.\n */\nimport { request } from 'node:https'\n` },
    ['pure'],
  ],
  [
    'a pure file that hashes, compares and parses',
    {
      'src/stores/plan/plan.ts': `${pure}import { createHash } from 'node:crypto'\nimport { isDeepStrictEqual } from 'node:util'\nimport { z } from 'zod'\n`,
    },
    [],
  ],
  ['a file with a socket whose header says nothing', { 'src/connectors/plan.ts': `import 'node:net'\n` }, []],
  [
    'a plan that knows what is done with it',
    { 'src/stores/plan/plan.ts': `${pure}import '../effects/verify.ts'\n`, 'src/stores/effects/verify.ts': nothing },
    ['stores-plan'],
  ],
  [
    'an effect that knows what is concluded from it',
    {
      'src/stores/effects/verify.ts': `import '../conclude/conclude.ts'\n`,
      'src/stores/conclude/conclude.ts': `${pure}${nothing}`,
    },
    ['stores-effects'],
  ],
  [
    'a conclusion that reaches back into the reconciler',
    {
      'src/stores/conclude/conclude.ts': `${pure}import '../reconcile.ts'\n`,
      'src/stores/reconcile.ts': nothing,
    },
    ['stores-conclude'],
  ],
  [
    'a plan whose header does not say that it is pure',
    {
      'src/stores/plan/plan.ts': `/** Plans. */\nimport './targets.ts'\n`,
      'src/stores/plan/targets.ts': `${pure}${nothing}`,
    },
    ['stores-decide-purely'],
  ],
  [
    'rooms of stores/ that follow each other',
    {
      'src/stores/reconcile.ts': `import './conclude/conclude.ts'\nimport './effects/verify.ts'\nimport './plan/plan.ts'\n`,
      'src/stores/conclude/conclude.ts': `${pure}import '../effects/verify.ts'\nimport '../plan/plan.ts'\n`,
      'src/stores/effects/verify.ts': `import '../plan/plan.ts'\n`,
      'src/stores/plan/plan.ts': `${pure}${nothing}`,
    },
    [],
  ],
  ['a cycle', { 'src/api/a.ts': `import './b.ts'\n`, 'src/api/b.ts': `import './a.ts'\n` }, ['acyclic']],
  [
    'an operator that imports a test',
    { 'src/api/a.ts': `import './b.test.ts'\n`, 'src/api/b.test.ts': nothing },
    ['no-test-code'],
  ],
  [
    'an operator that imports a contract test',
    { 'src/api/a.ts': `import './b.contract.ts'\n`, 'src/api/b.contract.ts': nothing },
    ['no-test-code'],
  ],
  ['an operator that imports a devDependency', { 'src/api/a.ts': `import 'fast-check'\n` }, ['no-dev-dependency']],
  ['an import of a file that is not there', { 'src/api/a.ts': `import './absent.ts'\n` }, ['resolvable']],
]

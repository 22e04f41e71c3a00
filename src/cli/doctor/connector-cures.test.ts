import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector } from '../../../test/support/objects.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { REASONS } from '../known/index.ts'
import { CURED_REASONS, connectorCures } from './connector-cures.ts'

const KEY = { aws: { auth: { accessKey: { secretName: 'keys' } } } }
const WEB = { aws: { auth: { webIdentity: { serviceAccountName: 'runner' } } } }
const AZURE_WEB = { azure: { accountName: 'acme', auth: { workloadIdentity: { serviceAccountName: 'runner' } } } }
const azure = (auth: object) => ({ azure: { accountName: 'acme', auth } })
const CA = { aws: { ...WEB.aws, caBundle: { configMapKeyRef: { name: 'roots', key: 'root.pem' } } } }
const LABEL = '--overwrite artifactstore.dev/credentials=true'
/** Writes these keys, and leaves alone what other commands have written. */
const pipe = (...keys: string[]) =>
  `kubectl label --local -f - artifactstore.dev/credentials=true -o yaml | kubectl apply --server-side --force-conflicts --field-manager=doctor-${keys.join('-')} -f -`

/** The command that writes these keys into the Secret. */
const filling = (...keys: [key: string, variable: string][]) =>
  `: ${keys.map(([, variable]) => `"\${${variable}:?}"`).join(' ')} && printf '%s\\n' ${keys
    .map(([key, variable]) => `${key}="$${variable}"`)
    .join(
      ' ',
    )} | kubectl create secret generic keys -n ml --from-env-file=/dev/stdin --dry-run=client -o yaml | ${pipe(...keys.map(([key]) => key))}`

const BOTH = filling(['aws_access_key_id', 'AWS_ACCESS_KEY_ID'], ['aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY'])
const PRINCIPAL = filling(
  ['client_id', 'AZURE_CLIENT_ID'],
  ['client_secret', 'AZURE_CLIENT_SECRET'],
  ['tenant_id', 'AZURE_TENANT_ID'],
)
const NO_TOKEN = `kubectl patch secret keys -n ml --type=merge -p '{"data":{"aws_session_token":null}}'`
const CERTIFICATES = `kubectl create configmap roots -n ml --from-file=root.pem=ca.crt --dry-run=client -o yaml | ${pipe('root.pem')}`
const patch = (change: string) => `kubectl patch serviceconnector minio -n ml --type=merge -p '${change}'`
const annotate = (annotation: string, variable: string) =>
  `: "\${${variable}:?}" && kubectl annotate serviceaccount runner -n ml --overwrite ${annotation}="$${variable}"`

type Row = [reason: string, message: string, spec: object, commands: string[], isFixable: boolean]

const ROWS: Row[] = [
  [
    'SecretNotLabelled',
    'spec.aws.auth.accessKey.secretName: Secret "ml/keys"',
    KEY,
    [`kubectl label secret keys -n ml ${LABEL}`],
    false,
  ],
  [
    'ConfigMapNotLabelled',
    'spec.aws.caBundle.configMapKeyRef: x',
    CA,
    [`kubectl label configmap roots -n ml ${LABEL}`],
    false,
  ],
  [
    'SecretNotLabelled',
    'spec.aws.caBundle.secretKeyRef: x',
    { aws: { ...KEY.aws, caBundle: { secretKeyRef: { name: 'roots' } } } },
    [`kubectl label secret roots -n ml ${LABEL}`],
    false,
  ],
  ['SecretNotFound', 'spec.aws.auth.accessKey.secretName: there is no Secret "keys"', KEY, [BOTH], false],
  [
    'SecretKeyMissing',
    'spec.aws.auth.accessKey.secretName: Secret "ml/keys" has no key "aws_secret_access_key" (it has: x)',
    KEY,
    [filling(['aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY'])],
    false,
  ],
  [
    'SecretKeyEmpty',
    'spec.aws.auth.accessKey.secretName: key "aws_access_key_id" of',
    KEY,
    [filling(['aws_access_key_id', 'AWS_ACCESS_KEY_ID'])],
    false,
  ],
  [
    'SecretKeyTooLarge',
    'spec.aws.auth.accessKey.secretName: key "aws_access_key_id" of',
    KEY,
    [filling(['aws_access_key_id', 'AWS_ACCESS_KEY_ID'])],
    false,
  ],
  [
    'SecretKeyMissing',
    'x: no key "id"',
    { aws: { auth: { accessKey: { secretName: 'keys', accessKeyIdKey: 'id' } } } },
    [filling(['id', 'AWS_ACCESS_KEY_ID'])],
    false,
  ],
  [
    'InvalidCredentials',
    'x: key "aws_secret_access_key" of Secret',
    KEY,
    [filling(['aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY'])],
    false,
  ],
  ['CredentialsRejected', 'Secret "ml/keys": no', KEY, [BOTH, NO_TOKEN], false],
  ['CredentialsExpired', 'Secret "ml/keys": no', KEY, [BOTH, NO_TOKEN], false],
  ['CredentialsRejected', 'no', azure({ servicePrincipal: { secretName: 'keys' } }), [PRINCIPAL], false],
  [
    'CredentialsRejected',
    'no',
    azure({ accountKey: { secretName: 'keys' } }),
    [filling(['account_key', 'AZURE_STORAGE_KEY'])],
    false,
  ],
  [
    'CredentialsExpired',
    'no',
    azure({ sasToken: { secretName: 'keys' } }),
    [filling(['sas_token', 'AZURE_STORAGE_SAS_TOKEN'])],
    false,
  ],
  [
    'SecretNotFound',
    'no',
    azure({ connectionString: { secretName: 'keys' } }),
    [filling(['connection_string', 'AZURE_STORAGE_CONNECTION_STRING'])],
    false,
  ],
  ['ConfigMapNotFound', 'spec.aws.caBundle.configMapKeyRef: x', CA, [CERTIFICATES], false],
  ['ConfigMapKeyMissing', 'spec.aws.caBundle.configMapKeyRef: x', CA, [CERTIFICATES], false],
  ['ConfigMapKeyEmpty', 'spec.aws.caBundle.configMapKeyRef: x', CA, [CERTIFICATES], false],
  ['ConfigMapKeyTooLarge', 'spec.aws.caBundle.configMapKeyRef: x', CA, [CERTIFICATES], false],
  ['InvalidCABundle', 'spec.aws.caBundle: x', CA, [CERTIFICATES], false],
  [
    'ServiceAccountNotFound',
    'spec.aws.auth.webIdentity: x',
    WEB,
    ['kubectl create serviceaccount runner -n ml'],
    false,
  ],
  ['ServiceAccountNotFound', 'x', AZURE_WEB, ['kubectl create serviceaccount runner -n ml'], false],
  [
    'RoleNotSet',
    'spec.aws.auth.webIdentity: no role',
    WEB,
    [annotate('eks.amazonaws.com/role-arn', 'AWS_ROLE_ARN')],
    false,
  ],
  ['InvalidRoleArn', 'x', WEB, [annotate('eks.amazonaws.com/role-arn', 'AWS_ROLE_ARN')], false],
  [
    'RoleNotSet',
    'spec.aws.issue: AssumeRole needs a role',
    { aws: { ...KEY.aws, issue: 'AssumeRole' } },
    [patch('{"spec":{"aws":{"issue":null}}}')],
    true,
  ],
  [
    'IssueNotSupported',
    'x',
    { aws: { ...KEY.aws, issue: 'SessionToken' } },
    [patch('{"spec":{"aws":{"issue":null}}}')],
    true,
  ],
  [
    'IssueNotPossible',
    'x',
    { aws: { ...KEY.aws, issue: 'FederationToken' } },
    [patch('{"spec":{"aws":{"issue":null}}}')],
    true,
  ],
  ['IssueNotPossible', 'nothing to change', KEY, [], false],
  ['ClientIdNotSet', 'x', AZURE_WEB, [annotate('azure.workload.identity/client-id', 'AZURE_CLIENT_ID')], false],
  ['ClientNotFound', 'x', AZURE_WEB, [annotate('azure.workload.identity/client-id', 'AZURE_CLIENT_ID')], false],
  ['TenantNotFound', 'x', AZURE_WEB, [annotate('azure.workload.identity/tenant-id', 'AZURE_TENANT_ID')], false],
  [
    'ClientNotFound',
    'the id is immutable',
    azure({ workloadIdentity: { serviceAccountName: 'runner', clientId: 'one' } }),
    [],
    false,
  ],
  ['TenantNotFound', 'x', azure({ servicePrincipal: { secretName: 'keys' } }), [PRINCIPAL], false],
  ['InvalidClientId', 'x', AZURE_WEB, [annotate('azure.workload.identity/client-id', 'AZURE_CLIENT_ID')], false],
  ['TenantIdNotSet', 'x', AZURE_WEB, [annotate('azure.workload.identity/tenant-id', 'AZURE_TENANT_ID')], false],
  ['InvalidTenantId', 'x', AZURE_WEB, [annotate('azure.workload.identity/tenant-id', 'AZURE_TENANT_ID')], false],
  ['AudienceNotAllowed', 'x', WEB, [patch('{"spec":{"aws":{"auth":{"webIdentity":{"audience":null}}}}}')], false],
  [
    'AudienceNotAllowed',
    'x',
    AZURE_WEB,
    [patch('{"spec":{"azure":{"auth":{"workloadIdentity":{"audience":null}}}}}')],
    false,
  ],
  [
    'EndpointUnavailable',
    'x',
    WEB,
    [patch('{"spec":{"aws":{"useFipsEndpoint":null,"useDualstackEndpoint":null}}}')],
    false,
  ],
  ['BucketHostUnknown', 'x', WEB, [patch('{"spec":{"aws":{"addressingStyle":"Path"}}}')], true],
  ['ConnectorSuspended', 'x', WEB, [patch('{"spec":{"suspend":null}}')], false],
  [
    'WrongRegion',
    'x: set spec.aws.region of the connector to "eu-west-1"',
    WEB,
    [patch('{"spec":{"aws":{"region":"eu-west-1"}}}')],
    true,
  ],
  ['WrongRegion', 'x: set spec.aws.region of the connector', WEB, [], false],
  ['EndpointUnreachable', 'elsewhere', WEB, [], false],
  ['RoleNotTrusted', 'elsewhere', WEB, [], false],
  ['constructor', 'a name of JavaScript', WEB, [], false],
]

describe('cures of a connector', () => {
  for (const [reason, message, spec, commands, isFixable] of ROWS) {
    test(`${reason}: ${message}: ${commands.join(' and ') || 'none in the cluster'}`, () => {
      const cures = connectorCures(connector({ spec: spec as ServiceConnectorSpec }), reason, message, {})
      assert.deepEqual(
        cures.flatMap(cure => cure.commands),
        commands,
      )
      assert.equal(
        cures.some(({ changes }) => changes !== undefined),
        isFixable,
      )
    })
  }

  test('each reason that has cures is tried', () =>
    assert.deepEqual(
      CURED_REASONS.filter(reason => !ROWS.some(row => row[0] === reason && row[3].length > 0)),
      [],
    ))

  test('each is of a reason that explain knows', () => {
    // The last is a reason of its stores.
    const known = [...REASONS.map(({ reason }) => reason), 'ConnectorSuspended']
    const reasons = ROWS.filter(([, , , commands]) => commands.length > 0).map(([reason]) => reason)
    assert.deepEqual(
      reasons.filter(reason => !known.includes(reason)),
      [],
    )
  })

  test('a key that kubectl takes from no line has no command', () => {
    const spec = { aws: { auth: { accessKey: { secretName: 'keys', accessKeyIdKey: '1st' } } } }
    assert.deepEqual(connectorCures(connector({ spec }), 'SecretNotFound', 'x', {}), [])
  })

  test('a Secret is labelled for all connectors of a namespace, and only if its owner wants that', () => {
    const [cure] = connectorCures(connector({ spec: KEY as ServiceConnectorSpec }), 'SecretNotLabelled', 'x', {})
    assert.equal(cure?.words, 'let all connectors of namespace "ml" use the Secret, if its owner wants that')
  })

  test('no value of a Secret is on a command line', () => {
    const [cure] = connectorCures(connector({ spec: KEY as ServiceConnectorSpec }), 'SecretNotFound', 'x', {})
    assert.deepEqual(cure?.needs, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    assert.doesNotMatch(cure?.commands.join() ?? '', /kubectl [^|]*\$AWS/)
  })
})

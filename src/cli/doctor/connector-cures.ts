/** Pure: what cures a connector, by the reason in its status. */
import type { ServiceConnector } from '../../api/service-connector.ts'
import { SERVICE_CONNECTORS } from '../../kube/resource.ts'
import type { Shell } from '../text/kubectl.ts'
import { commandOf, type Edit } from './changes.ts'
import { account, accountOf, annotated, filled, labelled, namedIn, renewed } from './credential-cures.ts'
import { type Cure, subjectOf } from './finding.ts'
import { withOwnChanges } from './own-changes.ts'

interface Case {
  connector: ServiceConnector
  namespace: string
  message: string
  shell: Shell
}

type Curer = (given: Case) => (Cure | undefined)[]

/** A change of the connector itself. */
export function patchConnector(
  { metadata: { namespace = '', name } }: ServiceConnector,
  patch: object,
  words: string,
  shell: Shell,
): Cure {
  const change: Edit = { kind: 'merge', resource: SERVICE_CONNECTORS, namespace, name, patch }
  return { place: 'cluster', words, commands: [commandOf(change, shell)], needs: [], changes: [change] }
}

const label: Curer = ({ connector, namespace, message, shell }) => {
  const named = namedIn(connector, message)
  return named ? [labelled(namespace, named, shell)] : []
}

const fill: Curer = ({ connector, namespace, message, shell }) => {
  const named = namedIn(connector, message)
  return named ? [filled(namespace, named, shell, /\bkey "([-._A-Za-z0-9]{1,253})"/.exec(message)?.[1])] : []
}

const renew: Curer = ({ connector, namespace, message, shell }) => {
  const named = namedIn(connector, message)
  return named ? [renewed(namespace, named, shell)] : []
}

const annotate =
  (annotation: string, variable: string): Curer =>
  ({ connector, namespace, shell }) => {
    const name = accountOf(connector)
    return name === undefined ? [] : [annotated(namespace, name, { annotation, variable }, shell)]
  }

const ROLE = annotate('eks.amazonaws.com/role-arn', 'AWS_ROLE_ARN')
const CLIENT = annotate('azure.workload.identity/client-id', 'AZURE_CLIENT_ID')
const TENANT = annotate('azure.workload.identity/tenant-id', 'AZURE_TENANT_ID')

/** An id that the cloud does not know, wherever it is given: in the Secret, or by an annotation. */
const correctId =
  (member: 'clientId' | 'tenantId', annotate: Curer): Curer =>
  given => {
    const inSecret = renew({ ...given, message: '' })
    if (inSecret.length > 0) return inSecret
    return given.connector.spec.azure?.auth.workloadIdentity?.[member] === undefined ? annotate(given) : []
  }

/** Lets the operator choose how credentials are made, as it knows what the identity and the service allow. */
const chooseIssue: Curer = ({ connector, shell }) =>
  connector.spec.aws?.issue === undefined
    ? []
    : [
        patchConnector(
          connector,
          { spec: { aws: { issue: null } } },
          'let the operator choose how credentials are made',
          shell,
        ),
      ]

const CURERS: Readonly<Record<string, Curer>> = {
  SecretNotLabelled: label,
  ConfigMapNotLabelled: label,
  ...Object.fromEntries(
    ['NotFound', 'KeyMissing', 'KeyEmpty', 'KeyTooLarge'].flatMap(what => [
      [`Secret${what}`, fill],
      [`ConfigMap${what}`, fill],
    ]),
  ),
  InvalidCABundle: fill,
  InvalidCredentials: fill,
  CredentialsRejected: renew,
  CredentialsExpired: renew,
  ServiceAccountNotFound({ connector, namespace, shell }) {
    const name = accountOf(connector)
    return name === undefined ? [] : [account(namespace, name, shell)]
  },
  RoleNotSet: given => (given.message.startsWith('spec.aws.issue') ? chooseIssue(given) : ROLE(given)),
  InvalidRoleArn: ROLE,
  ClientIdNotSet: CLIENT,
  InvalidClientId: CLIENT,
  TenantIdNotSet: TENANT,
  InvalidTenantId: TENANT,
  ClientNotFound: correctId('clientId', CLIENT),
  TenantNotFound: correctId('tenantId', TENANT),
  IssueNotSupported: chooseIssue,
  IssueNotPossible: chooseIssue,
  AudienceNotAllowed({ connector, shell }) {
    const [cloud, method] = connector.spec.aws ? ['aws', 'webIdentity'] : ['azure', 'workloadIdentity']
    const patch = { spec: { [cloud]: { auth: { [method]: { audience: null } } } } }
    return [patchConnector(connector, patch, 'use the usual audience, if the cloud trusts it', shell)]
  },
  EndpointUnavailable: ({ connector, shell }) =>
    connector.spec.aws
      ? [
          patchConnector(
            connector,
            { spec: { aws: { useFipsEndpoint: null, useDualstackEndpoint: null } } },
            'use the usual endpoint of AWS',
            shell,
          ),
        ]
      : [],
  BucketHostUnknown: ({ connector, shell }) => [addressing(connector, shell)],
  ConnectorSuspended: ({ connector, shell }) => [
    patchConnector(connector, { spec: { suspend: null } }, 'resume the connector, which somebody has suspended', shell),
  ],
  WrongRegion: ({ connector, message, shell }) => region(connector, message, shell),
}

export const addressing = (connector: ServiceConnector, shell: Shell): Cure =>
  patchConnector(connector, { spec: { aws: { addressingStyle: 'Path' } } }, 'name the bucket in the path', shell)

/** As the answer of the service names the region. */
export function region(connector: ServiceConnector, message: string, shell: Shell): Cure[] {
  const [, named] = /set spec\.aws\.region of the connector to "([a-z0-9-]{1,64})"/.exec(message) ?? []
  if (named === undefined) return []
  return [patchConnector(connector, { spec: { aws: { region: named } } }, 'use the region of the bucket', shell)]
}

/** Reasons for which there are cures within the cluster. */
export const CURED_REASONS: readonly string[] = Object.keys(CURERS)

/** Cures within the cluster; none where the cure is elsewhere. */
export function connectorCures(connector: ServiceConnector, reason: string, message: string, shell: Shell): Cure[] {
  const curer = Object.hasOwn(CURERS, reason) ? CURERS[reason] : undefined
  const { namespace = '' } = connector.metadata
  const cures = curer?.({ connector, namespace, message, shell }) ?? []
  return cures.filter(cure => cure !== undefined).map(cure => withOwnChanges(cure, subjectOf('connector', connector)))
}

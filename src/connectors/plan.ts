/** Pure: a connector's spec and the objects that it names -> the identity to act as, or why there is none. */
import { type Failure, isFailure } from '../api/failures.ts'
import {
  parseServiceConnectorSpec,
  type ServiceConnector,
  type ServiceConnectorSpec,
} from '../api/service-connector.ts'
import { remembered } from '../async/remembered.ts'
import type { Identity, Provider, References } from '../providers/provider.ts'
import { resolve } from './resolve.ts'
import { refuseAllowedSelector } from './selectors.ts'
import type { ConnectorView } from './view.ts'

export type Providers = Partial<Record<Provider['name'], Provider>>

export interface ConnectorPlan {
  kind: 'plan'
  provider: Provider
  identity: Identity
}

/** All stores of a connector ask for the same. */
const checked = remembered((spec: object) => parseServiceConnectorSpec(spec))

export function planConnector(
  connector: ServiceConnector,
  view: ConnectorView,
  providers: Providers,
): ConnectorPlan | Failure {
  const spec = checked(connector.spec)
  if (isFailure(spec)) return spec
  const unreadable = refuseAllowedSelector(spec, view)
  if (unreadable) return unreadable
  const provider = providerOf(spec, providers)

  const { name, namespace = '', uid } = connector.metadata
  const resolved = resolve({ namespace, name, uid }, provider.references(spec), view)
  if (isFailure(resolved)) return resolved
  const identity = provider.identity(spec, resolved)
  return isFailure(identity) ? identity : { kind: 'plan', provider, identity }
}

/** The objects that a connector names: none when its spec can't be used. */
export function referencesOf(connector: ServiceConnector, providers: Providers): References {
  const spec = checked(connector.spec)
  if (isFailure(spec)) return { keys: [] }
  return providerOf(spec, providers).references(spec)
}

function providerOf(spec: ServiceConnectorSpec, providers: Providers): Provider {
  const provider = providerFor(spec, providers)
  if (!provider) throw new Error('no provider for the cloud of the connector')
  return provider
}

/** The provider for the cloud of a connector, whose spec may be invalid. */
export const providerFor = (spec: ServiceConnectorSpec, providers: Providers): Provider | undefined =>
  providers[spec.aws ? 'aws' : 'azure']

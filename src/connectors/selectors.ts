/**
 * Pure: selectors of namespaces, which need their labels. An operator that is limited to some namespaces can't read any:
 * it says so, rather than take each selector for one that matches nothing (docs/adr/0039).
 */
import { type Failure, stalled } from '../api/failures.ts'
import type { ServiceConnectorSpec } from '../api/service-connector.ts'
import type { ConnectorView } from './view.ts'

const SELECTOR_NOT_SUPPORTED = 'SelectorNotSupported'

type Watched = Pick<ConnectorView, 'watched'>

/** Why `spec.allowedNamespaces` of a connector or of a store can't be followed. */
export const refuseAllowedSelector = (
  { allowedNamespaces }: Pick<ServiceConnectorSpec, 'allowedNamespaces'>,
  { watched }: Watched,
): Failure | undefined =>
  watched && allowedNamespaces?.from === 'Selector'
    ? unreadable('spec.allowedNamespaces', 'use from: All, which here means the namespaces of that flag, or from: Same')
    : undefined

/** Why a field can't be followed that selects namespaces. `otherwise`: what to write instead. */
export const unreadable = (field: string, otherwise: string): Failure =>
  stalled(
    SELECTOR_NOT_SUPPORTED,
    `${field}: selects namespaces by labels, which the operator can't read, as it runs with --watch-namespaces: ${otherwise}`,
  )

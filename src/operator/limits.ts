/** Limits of the workers that one endpoint and one namespace may occupy, so that a slow one delays no other. */
import type { KubeObject } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { remembered } from '../async/remembered.ts'
import { type Providers, providerFor } from '../connectors/plan.ts'
import type { ControllerOptions } from '../runtime/controller.ts'

/** Endpoints that may hang at a time, in as many namespaces, before others are delayed. */
const ENDPOINTS = 8
/** Enough for a namespace whose endpoint hangs to use another; more of its endpoints that hang delay only itself. */
const ENDPOINTS_OF_A_NAMESPACE = 2

/** Limits of a controller. `concurrency` is the number of objects of one endpoint that are reconciled at a time. */
export function limitsOf<T extends KubeObject>(
  concurrency: number,
  providers: Providers,
  connectorOf: (object: T) => ServiceConnector | undefined,
): Pick<ControllerOptions<T, object>, 'concurrency' | 'limits'> {
  // Asked for each wake-up of each store.
  const of = remembered((connector: ServiceConnector) => groupOf(providers, connector))
  const endpointOf = (object: T) => {
    const connector = connectorOf(object)
    return connector && of(connector)
  }
  return {
    concurrency: concurrency * ENDPOINTS,
    limits: [
      { max: concurrency, groupOf: endpointOf },
      { max: concurrency * ENDPOINTS_OF_A_NAMESPACE, groupOf: ({ metadata }) => metadata.namespace },
    ],
  }
}

/** Where the calls of a connector go. */
export const groupOf = (providers: Providers, { spec, metadata: { namespace = '' } }: ServiceConnector) =>
  providerFor(spec, providers)?.group(spec, namespace)

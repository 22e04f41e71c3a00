/** How much of the workers one endpoint and one namespace may hold: who is slow delays nobody else. */
import type { KubeObject } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { Providers } from '../connectors/plan.ts'
import type { ControllerOptions } from '../runtime/controller.ts'

/** Room for this many endpoints that hang, in as many namespaces. */
const ENDPOINTS = 8
/** So that a namespace with an endpoint that hangs can use another; and many such endpoints are one tenant's. */
const ENDPOINTS_OF_A_NAMESPACE = 2

/** `concurrency`: how many objects of one endpoint are reconciled at a time. */
export function limitsOf<T extends KubeObject>(
  concurrency: number,
  providers: Providers,
  connectorOf: (object: T) => ServiceConnector | undefined,
): Pick<ControllerOptions<T, object>, 'concurrency' | 'limits'> {
  const endpointOf = (object: T) => {
    const { spec } = connectorOf(object) ?? {}
    return spec && providers[spec.aws ? 'aws' : 'azure']?.group(spec)
  }
  return {
    concurrency: concurrency * ENDPOINTS,
    limits: [
      { max: concurrency, groupOf: endpointOf },
      { max: concurrency * ENDPOINTS_OF_A_NAMESPACE, groupOf: ({ metadata }) => metadata.namespace },
    ],
  }
}

/** Pure: versions of the program, the operator and the API, and whether they fit together. */
import { OPERATOR } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'

export interface OperatorRow {
  namespace: string
  name: string
  image: string
  /** Absent where the image has no tag that is a version. */
  version?: string
}

type Container = { name?: string; image?: string }

const VERSION_TAG = /:v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[\w.]{1,64})?)(?:@sha256:[0-9a-f]{64})?$/

export function operatorRow(deployment: KubeObject): OperatorRow {
  const spec = (deployment as { spec?: { template?: { spec?: { containers?: Container[] } } } }).spec
  const containers = spec?.template?.spec?.containers ?? []
  const container = containers.find(({ name }) => name === 'operator') ?? containers[0]
  const image = container?.image ?? ''
  const { namespace = '', name, labels } = deployment.metadata
  const version = VERSION_TAG.exec(image.slice(-512))?.[1] ?? labels?.['app.kubernetes.io/version']
  return { namespace, name: name || OPERATOR, image, ...(version ? { version } : {}) }
}

interface Versions {
  client: string
  /** Version of the API that the program speaks. */
  spoken: string
  /** Versions of the API that the cluster serves. */
  served: string[]
  operators: OperatorRow[]
}

/** What does not fit together, each with its cure. */
export function skewOf({ client, spoken, served, operators }: Versions): string[] {
  const api = served.includes(spoken)
    ? []
    : served.length === 0
      ? ["the cluster does not serve the API: install the operator's CRDs"]
      : [
          `the cluster serves the API as ${served.join(', ')}, not ${spoken}: use a version of this program that speaks it`,
        ]
  const apart = operators.flatMap(({ version, namespace, name }) => {
    if (!version || minorOf(version) === minorOf(client)) return []
    const which = isOlder(version, client) ? 'upgrade the operator' : 'upgrade this program'
    return [`Deployment ${namespace}/${name} runs version ${version}, and this program is ${client}: ${which}`]
  })
  return [...api, ...apart]
}

const numbers = (version: string): number[] => version.split(/[.-]/, 3).map(Number)
/** What compatible versions have in common: the major number, and before 1.0 the minor one, which may break, too. */
const minorOf = (version: string): string => version.split('.', 2).join('.')

function isOlder(one: string, other: string): boolean {
  const [a, b] = [numbers(one), numbers(other)]
  const at = a.findIndex((number, index) => number !== b[index])
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0)
}

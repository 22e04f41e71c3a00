/** Pure: names of objects, as `-o name` and messages have them. */
import { GROUP } from '../../api/names.ts'
import type { Resource } from '../../kube/resource.ts'

/** As kubectl names an object: `artifactstore.artifactstore.dev/models`. */
export const nameOf = ({ kind }: Pick<Resource, 'kind'>, name: string): string =>
  `${kind.toLowerCase()}.${GROUP}/${name}`

/** Pure: names of the CRDs, and the command that installs one where the project's files are. */
import { GROUP } from './names.ts'

const PLURALS: Readonly<Record<string, string>> = {
  ServiceConnector: 'serviceconnectors',
  ArtifactStore: 'artifactstores',
}

const pluralOf = (kind: string): string => PLURALS[kind] ?? kind

/** Name of the CRD of a kind. */
export const crdOf = (kind: string): string => `${pluralOf(kind)}.${GROUP}`

export const crdCommand = (kind: string): string =>
  `kubectl apply --server-side --force-conflicts -f crds/${GROUP}_${pluralOf(kind)}.yaml`

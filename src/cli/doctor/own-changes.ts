/**
 * Pure: what `--fix` may change by itself. Whoever may write a store or a connector can have a cure found that gives them what
 * others own: the use of a Secret, of a ServiceAccount, of a connector, or Secrets in a namespace. An administrator who has all
 * of it mended must not decide for these owners. So each change is refused but those that are here: members of the object
 * that is not well, which give nothing to anybody.
 */
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import type { Edit } from './changes.ts'
import type { Cure, Subject } from './finding.ts'

const OWN: Readonly<Record<Subject['kind'], { resource: { kind: string }; members: ReadonlySet<string> } | undefined>> =
  {
    connector: {
      resource: SERVICE_CONNECTORS,
      // Without a choice of its own, the operator chooses a way to issue that narrows.
      members: new Set(['/spec/aws/issue', '/spec/aws/addressingStyle', '/spec/aws/region']),
    },
    store: {
      resource: ARTIFACT_STORES,
      members: new Set([
        ...['/spec/bucket/region', '/spec/default', '/spec/usage/source', '/spec/verification/require'],
        ...['/spec/credentials/*/duration', '/spec/credentials/*/secretName'],
      ]),
    },
    installation: undefined,
  }

/** The cure of an object; its changes are left out where they are more than the object's own. */
export function withOwnChanges(cure: Cure, subject: Subject): Cure {
  const { changes, ...printed } = cure
  return changes?.every(change => isOwn(change, subject)) ? cure : printed
}

function isOwn(edit: Edit, { kind, namespace, name }: Subject): boolean {
  const own = OWN[kind]
  if (edit.resource.kind !== own?.resource.kind || edit.namespace !== namespace || edit.name !== name) return false
  return membersOf(edit).every(member => own.members.has(member))
}

const membersOf = (edit: Edit): string[] =>
  edit.kind === 'merge'
    ? pathsOf(edit.patch)
    : edit.operations.filter(({ op }) => op !== 'test').map(({ path }) => path.replace(/\/\d{1,9}\//, '/*/'))

/** Where a merge patch changes something: an empty object makes one. */
function pathsOf(patch: object, path = ''): string[] {
  const members = Object.entries(patch)
  if (members.length === 0) return [path]
  return members.flatMap(([member, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? pathsOf(value, `${path}/${member}`)
      : [`${path}/${member}`],
  )
}

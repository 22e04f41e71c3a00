/** Pure: policies as data for programs. Documents are texts, as the APIs of clouds take them; a hole is `<NAME>`. */
import type { Grant } from '../../providers/s3/needs/grants.ts'
import type { Explained } from '../../providers/s3/needs/statements.ts'
import { policyText } from './documents.ts'
import { shownHoles, unknownsIn, withVariables } from './holes.ts'
import type { AzureSheet, Sheet } from './sheet.ts'

export function dataOf(sheet: Sheet): object {
  const { of, cloud, unknowns, notes } = sheet
  const content = sheet.cloud === 'Azure' ? azureData(sheet) : { grants: sheet.grants.map(grantData) }
  const used = unknownsIn(JSON.stringify(content), unknowns)
  const missing = used.map(({ name, how, command }) => ({
    ...{ name, how },
    ...(command === undefined ? {} : { command: withVariables(command) }),
  }))
  const { kind, ...rest } = of
  return {
    ...{ of: kind, ...rest, cloud },
    ...(JSON.parse(shownHoles(JSON.stringify(content))) as object),
    ...(missing.length > 0 ? { unknowns: missing } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  }
}

function grantData(grant: Grant): object {
  switch (grant.kind) {
    case 'issuer':
      return grant
    case 'trust':
      return { ...holderData(grant), ...documentData(grant) }
    case 'identity':
      return { ...holderData(grant), policy: grant.name, isManaged: grant.isManaged, ...documentData(grant) }
    case 'bucket':
    case 'key': {
      const { statements: _, ...rest } = grant
      return { ...rest, ...documentData(grant) }
    }
  }
}

const holderData = ({ kind, holder, region }: Grant & { kind: 'trust' | 'identity' }) => ({
  ...{ ...holder, kind, holder: holder.kind },
  ...(region === undefined ? {} : { region }),
})

const documentData = ({ statements }: { statements: readonly Explained[] }) => ({
  document: policyText(statements),
  actions: statements.flatMap(({ statement, because }) =>
    statement.Action.map((action, at) => ({ action, because: because[at] ?? '' })),
  ),
})

function azureData({ accountName, entra, sas }: AzureSheet): object {
  return {
    accountName,
    ...(entra
      ? {
          clientId: entra.clientId,
          ...(entra.federated ? { federatedCredential: entra.federated } : {}),
          assignments: entra.assignments,
        }
      : {}),
    ...(sas ? { sas } : {}),
  }
}

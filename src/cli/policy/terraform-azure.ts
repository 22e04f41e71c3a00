/** Pure: a federated credential and assignments of roles as blocks of Terraform. */
import { scopeOf } from './az-cli.ts'
import { hole } from './holes.ts'
import type { AzureSheet } from './sheet.ts'
import type { Block, Blocks } from './terraform-blocks.ts'

export function ofAzure({ entra }: AzureSheet): Blocks {
  const { federated, assignments = [] } = entra ?? {}
  const trust: Block[] = federated
    ? [
        {
          ...{ block: 'resource', type: 'azurerm_federated_identity_credential', name: 'service_account' },
          body: {
            '//': 'as azurerm 5 has it; before, user_assigned_identity_id was parent_id, with resource_group_name beside it',
            ...{ name: federated.name, user_assigned_identity_id: hole('IDENTITY_ID') },
            ...{ issuer: federated.issuer, subject: federated.subject, audience: [federated.audience] },
          },
        },
      ]
    : []
  const roles = assignments.map(
    (assignment, at): Block => ({
      ...{ block: 'resource', type: 'azurerm_role_assignment', name: `role_${at + 1}` },
      body: {
        ...{ '//': assignment.because, scope: scopeOf(hole('STORAGE_ACCOUNT_ID'), assignment) },
        ...{ role_definition_name: assignment.role, principal_id: hole('PRINCIPAL_ID') },
        principal_type: 'ServicePrincipal',
      },
    }),
  )
  return { blocks: [...trust, ...roles], locals: {}, variables: {} }
}

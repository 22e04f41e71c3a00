import type { Command } from '../frame/command.ts'

export const permissionsCommand: Command = {
  name: 'permissions',
  group: 'See',
  summary: 'show what the connector of a store may really do at its bucket',
  about:
    'Each action is Allowed because a call has shown it, or Denied or Unknown, with that call and the reason. Exit code 1: ' +
    'a permission that the store requires is not allowed, or nothing has been verified yet.',
  arguments: [{ name: 'store', about: 'name of the store', isRequired: true, completes: 'store' }],
  examples: [{ line: 'permissions models -n ml', about: 'each action at s3://acme-models/team-a' }],
  data: {
    kind: 'Permissions',
    members: {
      namespace: 'namespace of the store',
      name: 'its name',
      path: 'its path',
      'verified.status': 'True, False or Unknown: the condition AccessVerified',
      'verified.reason': 'its reason',
      'verified.message': 'its message',
      'permissions[].action': 'permission in the words of the service',
      'permissions[].result': 'Allowed, Denied or Unknown',
      'permissions[].probe': 'the call that has shown it; absent where it is Allowed',
      'permissions[].detail': 'why it is not Allowed',
    },
  },
  run: async invocation => (await import('../actions/permissions.ts')).permissions(invocation),
}

import type { Command } from '../frame/command.ts'

const HEALTH = {
  ready: 'True, False or Unknown: the condition Ready',
  reason: 'its reason; NotSeen: the operator has not looked yet',
  message: 'its message: what, where, and what to do',
  isStalled: 'a person must act',
  isReconciling: 'work goes on, or trouble may pass',
  trouble: 'why, where that is something else than Ready says',
  isCurrent: 'status is about the spec as it is',
}

const health = (path: string) =>
  Object.fromEntries(Object.entries(HEALTH).map(([name, about]) => [`${path}.health.${name}`, about]))

export const statusCommand: Command = {
  name: 'status',
  aliases: ['tree'],
  group: 'See',
  summary: 'show connectors, their stores, and the Secrets of those',
  about:
    'ENDS is when the first credentials end, REFRESH when the operator will replace them; for that, the right to list ' +
    'Secrets is needed, of which only metadata is read. What is wrong is said below, with its cure. Exit code 1: something ' +
    'is not Ready.',
  arguments: [
    { name: 'store|connector', about: 'only this one, with what belongs to it', completes: 'store-or-connector' },
  ],
  examples: [
    { line: 'status -A', about: 'everything that you may see' },
    { line: 'status models -n ml', about: 'one store, with its connector' },
    { line: 'status connector/aws -n ml', about: 'a connector, with its stores in all namespaces' },
  ],
  data: {
    kind: 'Status',
    members: {
      'connectors[].namespace': 'namespace',
      'connectors[].name': 'name',
      'connectors[].deletedAt': 'when it was deleted, where something still holds it up',
      'connectors[].cloud': 'aws or azure',
      'connectors[].principal': 'whom it acts as',
      'connectors[].expiresAt': "when its identity's own credentials end",
      'connectors[].storesInAll': 'how many stores use it in all namespaces',
      ...health('connectors[]'),
      'connectors[].cautions[]': 'what to know although it works',
      'stores[].namespace': 'namespace',
      'stores[].name': 'name',
      'stores[].displayName': 'label for people',
      'stores[].path': 'its path',
      'stores[].connector': 'namespace/name of its connector',
      'stores[].isDefault': 'it is to be the default store of its namespace',
      'stores[].deletedAt': 'when it was deleted, where something still holds it up',
      ...health('stores[]'),
      'stores[].cautions[]': 'what to know although it works',
      'stores[].usage.objects': 'number of objects',
      'stores[].usage.bytes': 'their size',
      'stores[].usage.scope': 'Bucket or Prefix: what was measured',
      'stores[].usage.measuredAt': 'when',
      'stores[].secrets[].namespace': 'namespace of the Secret',
      'stores[].secrets[].name': 'its name',
      'stores[].secrets[].role': 'the entry in spec.credentials',
      'stores[].secrets[].issuedAt': 'when its credentials were issued; absent where Secrets may not be read',
      'stores[].secrets[].refreshAt': 'when they will be replaced; absent where Secrets may not be read',
      'stores[].secrets[].expiresAt': 'when they end; absent: never',
      'stores[].secrets[].caution': 'what its consumers should know',
      'stores[].secretsOmitted': 'how many Secrets are not listed, as status has no room',
    },
  },
  run: async invocation => (await import('../actions/status.ts')).status(invocation),
}

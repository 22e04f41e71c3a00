/** Commands that look something up in what the program knows, mostly without the cluster. */
import type { Command } from '../frame/command.ts'

export const explainCommand: Command = {
  name: 'explain',
  group: 'Look up',
  summary: 'say what a reason of a condition means, or an alert, and its cure',
  about: 'Knows the tables of troubleshooting and the runbooks of its own version. Without a name, lists all reasons.',
  arguments: [{ name: 'reason', about: 'reason of a condition, or name of an alert', completes: 'reason' }],
  examples: [
    { line: 'explain RoleNotTrusted', about: 'cause and cure' },
    { line: 'explain ArtifactStoreNotReady', about: 'the runbook of an alert' },
  ],
  data: {
    kind: 'Explanation',
    members: {
      'reasons[].reason': 'reason of a condition',
      'reasons[].cloud': 'S3, Azure or all',
      'reasons[].cause': 'what has happened',
      'reasons[].cure': 'what to do',
      'reasons[].document': 'the document that it is from',
      'alerts[].name': 'name of the alert',
      'alerts[].severity': 'its severity',
      'alerts[].symptom': 'what is seen',
      'alerts[].meaning': 'what it means',
      'alerts[].cures[].cases[]': 'reasons of conditions, or what is seen',
      'alerts[].cures[].cure': 'what to do',
      'alerts[].document': 'the runbook',
    },
  },
  run: async invocation => (await import('../actions/explain.ts')).explain(invocation),
}

export const formatsCommand: Command = {
  name: 'formats',
  group: 'Look up',
  summary: 'list the formats of credentials, and the keys of their Secrets',
  examples: [{ line: 'formats', about: 'what to write under spec.credentials[].formats' }],
  data: {
    kind: 'Formats',
    members: {
      'formats[].format': 'name of the format',
      'formats[].clouds[]': 'S3, Azure',
      'formats[].keys[]': 'keys of the Secret, as far as the credentials have them',
      'formats[].consumers[]': 'who reads it',
    },
  },
  run: async () => (await import('../actions/lists.ts')).formats(),
}

export const consumersCommand: Command = {
  name: 'consumers',
  group: 'Look up',
  summary: 'list the consumers that are tested, and the formats that they read',
  examples: [{ line: 'consumers', about: 'and whether they notice new credentials while they run' }],
  data: {
    kind: 'Consumers',
    members: {
      'consumers[].consumer': 'who reads credentials',
      'consumers[].formats[]': 'formats that it takes',
      'consumers[].reloads': 'whether it notices new credentials while it runs',
      'consumers[].limits': 'what to know before',
      'consumers[].sample': 'folder of the sample',
    },
  },
  run: async () => (await import('../actions/lists.ts')).consumers(),
}

export const versionCommand: Command = {
  name: 'version',
  group: 'Look up',
  summary: 'show the versions of this program and of the operator',
  about:
    "The operator's version is that of the image of its Deployment, as far as you may see it. Exit code 1: the two differ " +
    'in more than the last number, or the cluster does not serve the API that this program speaks.',
  options: [{ flags: '--client', about: 'only of this program, without a call to the cluster' }],
  examples: [{ line: 'version', about: 'of both sides' }],
  data: {
    kind: 'Version',
    members: {
      'client.version': 'version of this program',
      'client.api': 'version of the API that it speaks',
      'client.node': 'version of Node that it runs on',
      'api.served[]': 'versions of the API that the cluster serves',
      'operators[].namespace': 'namespace of the operator',
      'operators[].name': 'its Deployment',
      'operators[].image': 'its image',
      'operators[].version': 'the version of that, where its tag is one',
      'skew[]': 'what does not fit together, and what to do',
    },
  },
  run: async invocation => (await import('../actions/version.ts')).version(invocation),
}

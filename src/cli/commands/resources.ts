import type { Command } from '../frame/command.ts'

export const resourcesCommand: Command = {
  name: 'resources',
  group: 'See',
  summary: 'show buckets by connector, and which connectors reach a bucket',
  about:
    'A connector with spec.resources lists the buckets of these that its identity can list; of others the buckets of their ' +
    'stores are known. With --reaches: Verified (a store of it is Ready there), Listed (its identity can list it), ' +
    'Unknown, or Excluded; exit code 1: nothing has shown that any connector reaches it.',
  options: [{ flags: '--reaches <uri>', about: 'which connectors reach this bucket: s3://bucket, az://container' }],
  examples: [
    { line: 'resources -A', about: 'all buckets that are known' },
    { line: 'resources -A --reaches s3://acme-models', about: 'who gets there' },
  ],
  data: {
    kind: 'Resources, or Reaches with --reaches',
    members: {
      'buckets[].connector': 'namespace/name of the connector',
      'buckets[].uri': 'URI of the bucket',
      'buckets[].region': 'its region',
      'buckets[].stores[]': 'namespace/name of the stores in it that use the connector',
      uri: 'with --reaches: the URI that was asked for',
      'connectors[].connector': 'with --reaches: namespace/name of a connector',
      'connectors[].verdict': 'Verified, Listed, Unknown or Excluded',
      'connectors[].why': 'what has shown it',
    },
  },
  run: async invocation => (await import('../actions/resources.ts')).resources(invocation),
}

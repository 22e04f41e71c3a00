import type { Command } from '../frame/command.ts'

export const policyCommand: Command = {
  name: 'policy',
  group: 'See',
  summary: 'print what must be set up at the cloud: whom roles trust, and what the identity must be allowed',
  about:
    'Of a store, what its formats, accesses, bucket, usage and encryption need, and nothing else; of a connector, what all ' +
    'of its stores need that you may read. The issuer and ServiceAccount are those of the cluster. What nobody can know ' +
    'from the cluster is a name in angle brackets or a variable, and how to find it is said. Nothing is called but the ' +
    'API server. aws-cli, az-cli and mc are scripts for a POSIX shell, which stop at the first command that fails; ' +
    'terraform is a file *.tf.json. Nothing that is printed takes rights from another store of the same identity: policies ' +
    'have a name of their own, what a bucket allows is added to, and where a service has one policy or token for all who ' +
    'use it (the role of a web identity at MinIO, a SAS token), what is printed for one store is for all of them. A script ' +
    'for AWS changes nothing with credentials of another account than the one that it is for.',
  arguments: [{ name: 'store|connector', about: 'what it is for', isRequired: true, completes: 'store-or-connector' }],
  options: [
    {
      flags: '--bucket-account <id>',
      about: 'account of AWS that the buckets are of, where it is another than that of the role: adds bucket policies',
    },
  ],
  outputs: ['aws-cli', 'az-cli', 'terraform', 'mc'],
  examples: [
    { line: 'policy models -n ml', about: 'each statement, and what it is for' },
    { line: 'policy connector/aws -n ml -o aws-cli > setup.sh', about: 'everything for a connector, as commands' },
    { line: 'policy models -n ml --bucket-account 222222222222', about: 'a bucket of another account' },
    { line: 'policy models -n ml -o terraform > models.tf.json', about: 'the same for Terraform' },
  ],
  data: {
    kind: 'Policy',
    members: {
      of: 'connector or store: what it is for',
      namespace: 'its namespace',
      name: 'its name',
      connector: 'namespace/name of the connector',
      'stores[]': 'namespace/name of each store whose needs are in it',
      cloud: 'AWS, S3 (another service that speaks its protocol) or Azure',
      'grants[].kind':
        'of AWS and S3: issuer (the account trusts the cluster), trust (policy of a role), identity (rights), bucket, key',
      'grants[].account': 'account in which it is set up',
      'grants[].arn': 'ARN of the OIDC provider, role or user',
      'grants[].issuer': 'issuer of the cluster',
      'grants[].audience': 'audience of the tokens',
      'grants[].subject': 'their subject',
      'grants[].holder': 'role or user',
      'grants[].name': 'name of the role or user; of a key, name for the grant',
      'grants[].path': 'path of the role',
      'grants[].policy': 'name for the policy',
      'grants[].isManaged':
        'true: a managed policy, as inline policies have no room for what all stores of the identity need',
      'grants[].region': 'region of the calls; absent where that of IAM in all commercial regions will do',
      'grants[].bucket': 'bucket that lets in an identity of another account',
      'grants[].key': 'KMS key',
      'grants[].principal': 'who is let in by the bucket or key',
      'grants[].isNeeded': 'false: only where the policy of the key does not let policies of IAM decide',
      'grants[].document': 'the policy as JSON, as the API of the cloud takes it',
      'grants[].actions[].action': 'an action in it',
      'grants[].actions[].because': 'what it is for',
      accountName: 'of Azure: storage account',
      clientId: 'client that the connector acts as',
      'federatedCredential.name': 'name for the federated credential',
      'federatedCredential.issuer': 'its issuer',
      'federatedCredential.subject': 'its subject',
      'federatedCredential.audience': 'its audience',
      'assignments[].role': 'built-in role of Azure',
      'assignments[].container': 'container that it is assigned on; absent: the storage account',
      'assignments[].permissions[]': 'permissions for which it is the least role',
      'assignments[].because': 'what it is for',
      'sas.letters': 'what a SAS token must have (sp)',
      'sas.container': 'container that it is for; absent: the storage account',
      'sas.why': 'why it is for that',
      'unknowns[].name': 'what is to be filled in: <NAME> in texts',
      'unknowns[].how': 'what it is, and how to find it',
      'unknowns[].command': 'a command that prints it',
      'notes[]': 'what to know besides',
    },
  },
  run: async invocation => (await import('../actions/policy.ts')).policy(invocation),
}

/** Connection of OpenMetadata's S3 storage service: its `serviceConnection.config`. Read once a workflow. */
import type { SecretFormat } from './format.ts'
import { caData, json } from './values.ts'

export const openMetadata: SecretFormat = {
  aws(material) {
    const { accessKeyId, secretAccessKey, sessionToken, region, endpoint, bucket } = material
    const connection = {
      type: 'S3',
      awsConfig: {
        awsAccessKeyId: accessKeyId,
        awsSecretAccessKey: secretAccessKey,
        awsSessionToken: sessionToken,
        awsRegion: region,
        endPointURL: endpoint,
      },
      // Without names it would list all buckets of the account.
      bucketNames: [bucket],
    }
    return { 'connection.json': json(connection), ...caData(material) }
  },

  warning: ({ prefix }) =>
    prefix
      ? 'OpenMetadata lists whole buckets and reads openmetadata.json at their top, which credentials for a prefix ' +
        'can not: use a store for the whole bucket'
      : undefined,
}

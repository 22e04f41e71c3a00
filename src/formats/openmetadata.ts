/** Pure: `serviceConnection.config` of OpenMetadata's S3 storage service. Read once for each workflow. */
import type { SecretFormat } from './format.ts'
import { caData, endpointBeyondRegion, formatNotAvailable, json, shown } from './values.ts'

/** Form of AWS's regions: OpenMetadata takes only those in a list. */
const REGION_OF_AWS = /^[a-z]{2,}(-[a-z]+)+-[0-9]+$/

export const openMetadata: SecretFormat = {
  aws(material) {
    const { accessKeyId, secretAccessKey, sessionToken, region, bucket } = material
    if (!REGION_OF_AWS.test(region)) {
      return formatNotAvailable(
        'OpenMetadata',
        `takes regions of AWS only, which "${shown(region)}" is not`,
        'set spec.aws.region of the ServiceConnector to one, such as us-east-1, if the service takes that, or remove the format',
      )
    }
    const connection = {
      type: 'S3',
      awsConfig: {
        awsAccessKeyId: accessKeyId,
        awsSecretAccessKey: secretAccessKey,
        awsSessionToken: sessionToken,
        awsRegion: region,
        endPointURL: endpointBeyondRegion(material),
      },
      // Without names OpenMetadata would list all buckets of the account.
      bucketNames: [bucket],
    }
    return { 'connection.json': json(connection), ...caData(material) }
  },

  warning({ prefix, access }) {
    if (access === 'WriteOnly') {
      return 'OpenMetadata: it lists and reads, which WriteOnly does not allow: use access ReadOnly'
    }
    if (prefix === '') return undefined
    return (
      'OpenMetadata: it lists whole buckets and reads openmetadata.json at their top, which credentials for a prefix ' +
      "can't: use a store for the whole bucket"
    )
  },
}

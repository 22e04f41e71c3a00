/** Pure: `serviceConnection.config` of OpenMetadata: its S3 storage service, or its data lake on Azure. */
import type { AwsMaterial } from '../api/material.ts'
import type { FormatContext, SecretFormat } from './format.ts'
import { caData, endpointBeyondRegion, formatNotAvailable, json, profileOf, shown } from './values.ts'

/** Form of AWS's regions: OpenMetadata takes only those in a list. */
const REGION_OF_AWS = /^[a-z]{2,}(-[a-z]+)+-[0-9]+$/

export const openMetadata: SecretFormat = {
  reads: true,

  aws(material, context) {
    const { region, bucket } = material
    if (!REGION_OF_AWS.test(region)) {
      return formatNotAvailable(
        'OpenMetadata',
        `takes regions of AWS only, which "${shown(region)}" is not`,
        'set spec.aws.region of the ServiceConnector to one, such as us-east-1, if the service takes that, or remove the format',
      )
    }
    const connection = {
      type: 'S3',
      awsConfig: { ...keysOf(material, context), awsRegion: region, endPointURL: endpointBeyondRegion(material) },
      // Without names OpenMetadata would list all buckets of the account.
      bucketNames: [bucket],
    }
    return { 'connection.json': json(connection), ...caData(material) }
  },

  /**
   * A connection that takes its identity from the variables of WebIdentity: its model has fields for the secret of a
   * service principal, which lives long, and none for a SAS token. There is no storage service for Azure in the open
   * ingestion, but its data lake reads containers.
   */
  azure({ accountName, blobEndpoint, container, prefix, workloadIdentity }, { formats }) {
    if (!workloadIdentity || !formats.includes('WebIdentity')) {
      return formatNotAvailable(
        'OpenMetadata',
        'takes no SAS token on Azure, only an identity of Entra that its pod has',
        'add WebIdentity to formats, which needs a ServiceConnector with spec.azure.auth.workloadIdentity',
      )
    }
    if (blobEndpoint !== `https://${accountName}.blob.core.windows.net`) {
      return formatNotAvailable(
        'OpenMetadata',
        `reaches only accounts at blob.core.windows.net, where ${shown(blobEndpoint)} is not`,
        'remove it',
      )
    }
    const connection = {
      type: 'Datalake',
      configSource: { securityConfig: { accountName } },
      bucketName: container,
      prefix,
    }
    return { 'connection.json': json(connection) }
  },

  warning({ prefix, access, cloud }) {
    if (access === 'WriteOnly') {
      return 'OpenMetadata: it lists and reads, which WriteOnly does not allow: use access ReadOnly'
    }
    if (prefix === '' || cloud === 'azure') return undefined
    return (
      'OpenMetadata: it lists whole buckets and reads openmetadata.json at their top, which credentials for a prefix ' +
      "can't: use a store for the whole bucket"
    )
  },
}

/** Keys, unless the pod has others that are renewed: those of a profile, or of a token that its SDK exchanges. */
function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsMaterial, context: FormatContext) {
  if (profileOf(context)) return { profileName: 'default' }
  if (context.formats.includes('WebIdentity')) return {}
  return { awsAccessKeyId: accessKeyId, awsSecretAccessKey: secretAccessKey, awsSessionToken: sessionToken }
}

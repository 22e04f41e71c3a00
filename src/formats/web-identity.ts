/**
 * Pure: the connector's own identity, for SDKs that exchange tokens by themselves: they read `token` again while a
 * process runs, and need no shell. It has variables for `envFrom`, and the Secret is mounted at `mountPath`.
 */
import { SDK_OPTIONS, sdkVariables } from './client-settings.ts'
import type { SecretFormat } from './format.ts'
import {
  accountVariables,
  bucketVariables,
  caData,
  caFile,
  endpointBeyondRegion,
  endpointVariables,
  formatNotAvailable,
} from './values.ts'

export const webIdentity: SecretFormat = {
  handsOnIdentity: true,
  tells: { aws: SDK_OPTIONS },

  aws(material, { mountPath, clientOptions }) {
    const { webIdentity: identity, region, endpoint } = material
    if (!identity) {
      return notAvailable('spec.aws.auth.webIdentity, without spec.aws.assumeRoles', 'AwsProfile')
    }
    const { roleArn, token, sessionName, stsEndpoint } = identity
    const s3Url = stsEndpoint ? endpointBeyondRegion(material) : endpoint
    const bundle = caFile(material, mountPath)
    return {
      token,
      AWS_ROLE_ARN: roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: `${mountPath}/token`,
      AWS_ROLE_SESSION_NAME: sessionName,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      // Older SDKs would ask in us-east-1, whose tokens are not valid in all regions.
      ...(stsEndpoint ? { AWS_ENDPOINT_URL_STS: stsEndpoint } : { AWS_STS_REGIONAL_ENDPOINTS: 'regional' }),
      // Variables for the kind of endpoint are for all services: SDKs refuse them where one service has an address.
      ...(stsEndpoint ? {} : endpointVariables(material)),
      ...(s3Url && { AWS_ENDPOINT_URL_S3: s3Url }),
      ...sdkVariables(material, { clientOptions }),
      ...(bundle && { AWS_CA_BUNDLE: bundle }),
      ...caData(material),
      ...bucketVariables(material),
    }
  },

  azure(material, { mountPath }) {
    const { workloadIdentity: identity } = material
    if (!identity) return notAvailable('spec.azure.auth.workloadIdentity', 'Env')
    return {
      token: identity.token,
      AZURE_CLIENT_ID: identity.clientId,
      AZURE_TENANT_ID: identity.tenantId,
      AZURE_AUTHORITY_HOST: identity.authorityHost,
      AZURE_FEDERATED_TOKEN_FILE: `${mountPath}/token`,
      ...accountVariables(material),
      ...caData(material),
      ...bucketVariables(material),
    }
  },

  warning: () =>
    'WebIdentity hands out the identity of the connector: what it may do is not narrowed to subPath and access',
}

const notAvailable = (auth: string, other: string) =>
  formatNotAvailable(
    'WebIdentity',
    `needs a ServiceConnector with ${auth}, as SDKs exchange the token by themselves`,
    `use such a connector, or another format such as ${other}`,
  )

/** Connectors whose endpoint does not answer, is another service, or can't be trusted. */
import { CONFIG_MAPS } from '../../../src/kube/resource.ts'
import { type AwsInputWorld, atMinio, type Row } from './aws-world.ts'

const ENDPOINT = 'spec.aws.endpoint'
const CA = 'spec.aws.caBundle'
const CHECK_ADDRESS = 'check the address'

const at =
  (endpoint: string | ((world: AwsInputWorld) => string)): NonNullable<Row['connector']> =>
  world =>
    atMinio(world, { endpoint: typeof endpoint === 'string' ? endpoint : endpoint(world) })

const trusting =
  (configMap: string, key = 'ca.crt'): NonNullable<Row['connector']> =>
  world =>
    atMinio(world, { caBundle: { configMapKeyRef: { name: configMap, key } } })

const unreachable: Row[] = [
  {
    name: 'port-closed',
    connector: at('https://127.0.0.1:1'),
    reason: 'EndpointUnreachable',
    says: ['127.0.0.1:1', ENDPOINT, 'connection refused', CHECK_ADDRESS],
  },
  {
    name: 'name-unknown',
    connector: at('https://minio.invalid'),
    reason: 'EndpointUnreachable',
    says: ['minio.invalid', ENDPOINT, 'does not resolve', CHECK_ADDRESS],
  },
  {
    name: 'website',
    arrange: ({ keySecret }, name) =>
      keySecret(name, { accessKeyId: 'key-of-website', secretAccessKey: 'secret-of-website' }),
    connector: (world, name) => atMinio(world, { endpoint: world.website, auth: { accessKey: { secretName: name } } }),
    reason: 'UnexpectedAnswer',
    says: [ENDPOINT, 'does not answer like an S3 service', CHECK_ADDRESS],
  },
  {
    name: 'sts-website',
    connector: world => atMinio(world, { stsEndpoint: world.website }),
    reason: 'UnexpectedAnswer',
    says: ['spec.aws.stsEndpoint', 'check that it is an STS'],
  },
  {
    name: 'http-to-tls-port',
    connector: at(({ minio }) => minio.endpoint.replace('https', 'http')),
    reason: 'InsecureEndpoint',
    says: [ENDPOINT, 'write https://'],
  },
  {
    name: 'tls-to-http-port',
    connector: at(({ website }) => website.replace('http', 'https')),
    reason: 'TLSVerificationFailed',
    says: [ENDPOINT, 'the port does not speak TLS', 'write http://127.0.0.1:'],
  },
]

const forbidden: Row[] = [
  ['link-local', 'http://169.254.169.254'],
  ['link-local-decimal', 'http://2852039166'],
  ['link-local-octal', 'http://0251.0376.0251.0376'],
  ['link-local-in-ipv6', 'http://[::ffff:a9fe:a9fe]'],
  ['metadata-in-ipv6', 'http://[fd00:ec2::254]'],
  ['link-local-by-nat64', 'http://[64:ff9b:1:a9fe:a9:fe00::]'],
  ['tunnel', 'http://[2001:0:a9fe:a9fe::1]'],
  ['kubelet', 'https://10.0.0.1:10250'],
  ['api-server-by-name', 'https://kubernetes.default.svc'],
].map(([name = '', endpoint = '']) => ({
  name,
  connector: at(endpoint),
  reason: 'EndpointRefused',
  says: [ENDPOINT, 'use the address of an S3 service'],
}))

const trust: Row[] = [
  {
    name: 'api-server',
    connector: world => atMinio(world, { endpoint: world.controlPlane.server }),
    reason: 'EndpointRefused',
    says: [ENDPOINT, 'is the API server of the cluster', 'use the address of an S3 service'],
  },
  {
    name: 'api-server-by-another-name',
    connector: world => atMinio(world, { endpoint: world.controlPlane.server.replace('127.0.0.1', 'localhost') }),
    reason: 'EndpointRefused',
    says: [ENDPOINT, 'localhost resolves to', 'the API server of the cluster'],
  },
  {
    name: 'sts-api-server',
    connector: world => atMinio(world, { stsEndpoint: world.controlPlane.server }),
    reason: 'EndpointRefused',
    says: ['spec.aws.stsEndpoint', 'is the API server of the cluster'],
  },
  {
    name: 'sts-link-local',
    connector: world => atMinio(world, { stsEndpoint: 'http://169.254.169.254' }),
    reason: 'EndpointRefused',
    says: ['spec.aws.stsEndpoint', 'use the address'],
  },
  {
    name: 'ca-untrusted',
    connector: trusting('other-ca'),
    reason: 'TLSVerificationFailed',
    says: [ENDPOINT, `set ${CA} to the CA that signed it`],
  },
  {
    name: 'host-misnamed',
    connector: world =>
      atMinio(world, {
        endpoint: world.misnamed,
        caBundle: { configMapKeyRef: { name: 'other-ca' } },
      }),
    reason: 'TLSVerificationFailed',
    says: [ENDPOINT, 'use the name that the certificate has'],
  },
  {
    name: 'ca-missing',
    connector: trusting('nowhere'),
    reason: 'ConfigMapNotFound',
    says: [`${CA}.configMapKeyRef`, 'create it'],
  },
  {
    name: 'ca-unlabelled',
    arrange: ({ tenant }, name) => tenant.create(CONFIG_MAPS, name, { data: { 'ca.crt': 'any' } }),
    connector: (world, name) => trusting(name)(world, name),
    reason: 'ConfigMapNotLabelled',
    says: [`${CA}.configMapKeyRef`, 'kubectl label configmap ca-unlabelled -n bad'],
  },
  {
    name: 'ca-key-missing',
    connector: trusting('minio-ca', 'root.pem'),
    reason: 'ConfigMapKeyMissing',
    says: [`${CA}.configMapKeyRef`, 'no key "root.pem"', 'add the key'],
  },
  {
    name: 'ca-not-pem',
    arrange: ({ tenant }, name) => tenant.create(CONFIG_MAPS, name, { data: { 'ca.crt': 'MIIB' } }, true),
    connector: (world, name) => trusting(name)(world, name),
    reason: 'InvalidCABundle',
    says: [CA, 'put PEM certificates of CAs into it'],
  },
]

export const endpointRows: Row[] = [...unreachable, ...forbidden, ...trust]

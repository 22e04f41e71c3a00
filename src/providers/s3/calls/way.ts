/** How the SDK sends a command to a bucket: asked of the SDK once, and then used for all commands of that bucket. */
import type { S3Client } from '@aws-sdk/client-s3'
import { remembered } from '../../../async/remembered.ts'

/** What is used of a client, whichever service it is of: the types of its commands don't matter here. */
export interface SdkClient {
  config: {
    /** What the SDK has found the clock of the service to be ahead, in ms. */
    systemClockOffset: number
    protocol: Protocol
    signer: S3Client['config']['signer']
    disableClockSkewCorrection?: () => Promise<boolean | undefined>
  }
  send(command: Command, options?: object): Promise<object>
}

export interface Command {
  input: { Bucket?: string }
  /** Kind, namespace, name, traits, input, output. */
  schema: [unknown, string, string, unknown, unknown, unknown]
  middlewareStack: { add(middleware: Middleware, place: object): void; remove(name: string): boolean }
}

type Middleware = (next: unknown, context: Context) => (args: { request: SdkRequest }) => Promise<object>

/** What the SDK knows of a command by the time it has built the request. */
interface Context {
  endpointV2: SdkEndpoint
  __smithy_context: {
    selectedHttpAuthScheme: {
      httpAuthOption: {
        schemeId: string
        signingProperties?: { signingRegion?: string; signingName?: string }
      }
    }
  }
}

interface SdkEndpoint {
  url: URL
  properties?: { authSchemes?: object[] }
}

export interface SdkRequest {
  method: string
  path: string
  query: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: string | Uint8Array
}

export interface SdkAnswer {
  statusCode: number
  headers: Record<string, string>
  body: Uint8Array
}

interface Operation {
  namespace: string
  name: string
  traits: unknown
  input: unknown
  output: unknown
}

/** Writes requests and reads answers. */
interface Protocol {
  serializeRequest(operation: Operation, input: object, context: object): Promise<SdkRequest>
  deserializeResponse(operation: Operation, context: object, answer: SdkAnswer): Promise<object>
}

export interface Way {
  /** Scheme, host and port. */
  origin: string
  /** Writes the request of a command, not signed. */
  write(command: Command): Promise<SdkRequest>
  /** Absent for calls that are not signed. */
  sign?(request: SdkRequest, at: Date): Promise<SdkRequest>
}

/** Headers that the SDK gives to all requests. */
const COMMON = ['host', 'user-agent', 'x-amz-user-agent']
const SIGNED = 'aws.auth#sigv4'
const UNSIGNED = 'smithy.api#noAuth'

/** Asks the SDK; undefined where it would send the command in some other way, such as by a session for a bucket. */
export async function wayOf(client: SdkClient, command: Command): Promise<Way | undefined> {
  let found: Way | undefined
  const note: Middleware =
    (_, context) =>
    async ({ request }) => {
      found = await read(client, request, context)
      return { output: { $metadata: {} } }
    }
  // Low priority in this step comes after all that builds the request, and before it is signed and sent.
  command.middlewareStack.add(note, { step: 'build', priority: 'low', name: 'noteWay' })
  await client.send(command)
  command.middlewareStack.remove('noteWay')
  return found
}

async function read({ config }: SdkClient, built: SdkRequest, context: Context): Promise<Way | undefined> {
  const { endpointV2: endpoint, __smithy_context: known } = context
  const { schemeId, signingProperties = {} } = known.selectedHttpAuthScheme.httpAuthOption
  if (schemeId !== SIGNED && schemeId !== UNSIGNED) return undefined
  const headers = Object.fromEntries(COMMON.flatMap(name => (built.headers[name] ? [[name, built.headers[name]]] : [])))
  const way: Way = {
    origin: endpoint.url.origin,
    async write(command) {
      const request = await config.protocol.serializeRequest(operationOf(command), command.input, {
        endpoint: async () => endpoint,
      })
      Object.assign(request.headers, headers)
      return request
    },
  }
  if (schemeId === UNSIGNED) return way
  const signer = await config.signer(endpoint.properties?.authSchemes?.[0] as never)
  const { signingRegion, signingName } = signingProperties
  return {
    ...way,
    sign: (request, signingDate) =>
      signer.sign(request as never, {
        signingDate,
        ...(signingRegion ? { signingRegion } : {}),
        ...(signingName ? { signingService: signingName } : {}),
      }) as Promise<never>,
  }
}

/** The same for each schema: the SDK keeps what it works out of an operation by the object. */
const operationOfSchema = remembered(
  ([, namespace, name, traits, input, output]: Command['schema']): Operation => ({
    ...{ namespace, name, traits, input, output },
  }),
)

export const operationOf = ({ schema }: Command): Operation => operationOfSchema(schema)

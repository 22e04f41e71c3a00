/** Calls about buckets themselves, not about their objects. */
import {
  CreateBucketCommand,
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3'
import { regionOf } from '../../../foreign/text.ts'
import type { Answer } from '../answers/answer.ts'
import { type Call, nothing, type Sender } from './call.ts'
import { capture, digest, substitute } from './raw-xml.ts'

/** Lifecycle rules of a bucket, in the XML of the service. */
export interface LifecycleDocument {
  xml: string
  /** Applies to all rules with transitions. A header has it, not the document. */
  minimumObjectSize?: TransitionDefaultMinimumObjectSize
}

export interface BucketCalls {
  /** The answer, even a refusal, has the region if the service names it. `owner`: account that the bucket must have. */
  headBucket(bucket: string, owner: string | undefined, signal: AbortSignal): Promise<Answer<{ region?: string }>>
  /** Creates a bucket; without `region` the service decides where. */
  createBucket(bucket: string, region: string | undefined, signal: AbortSignal): Promise<Answer>
  putVersioning(bucket: string, status: 'Enabled' | 'Suspended', signal: AbortSignal): Promise<Answer>
  lifecycle(bucket: string, signal: AbortSignal): Promise<Answer<LifecycleDocument>>
  putLifecycle(bucket: string, document: LifecycleDocument, signal: AbortSignal): Promise<Answer>
  deleteLifecycle(bucket: string, signal: AbortSignal): Promise<Answer>
}

export function bucketCalls(client: S3Client, call: Call, wired: Sender = client): BucketCalls {
  return {
    headBucket: (Bucket, owner, signal) =>
      call(
        'HeadBucket',
        signal,
        s =>
          wired.send(new HeadBucketCommand({ Bucket, ...(owner ? { ExpectedBucketOwner: owner } : {}) }), {
            abortSignal: s,
          }),
        ({ BucketRegion }) => {
          const region = regionOf(BucketRegion)
          return region ? { region } : {}
        },
      ),

    createBucket: (Bucket, region, signal) =>
      call(
        'CreateBucket',
        signal,
        s => {
          const command = new CreateBucketCommand({ Bucket })
          command.middlewareStack.add(
            next => args => {
              // By now the SDK has put the client's region here.
              delete args.input.CreateBucketConfiguration
              if (region) args.input.CreateBucketConfiguration = { LocationConstraint: region as never }
              return next(args)
            },
            { step: 'serialize', priority: 'high', name: 'locationAsAsked' },
          )
          return client.send(command, { abortSignal: s })
        },
        nothing,
      ),

    putVersioning: (Bucket, Status, signal) => {
      const command = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })
      digest(command)
      return call('PutBucketVersioning', signal, s => client.send(command, { abortSignal: s }), nothing)
    },

    lifecycle: (Bucket, signal) => {
      const command = new GetBucketLifecycleConfigurationCommand({ Bucket })
      const body = capture(command)
      return call(
        'GetBucketLifecycleConfiguration',
        signal,
        s => client.send(command, { abortSignal: s }),
        ({ TransitionDefaultMinimumObjectSize: size }) => ({
          xml: body(),
          ...(size ? { minimumObjectSize: size } : {}),
        }),
      )
    },

    putLifecycle: (Bucket, { xml, minimumObjectSize }, signal) => {
      const command = new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: [] },
        ...(minimumObjectSize ? { TransitionDefaultMinimumObjectSize: minimumObjectSize } : {}),
      })
      substitute(command, xml)
      return call('PutBucketLifecycleConfiguration', signal, s => client.send(command, { abortSignal: s }), nothing)
    },

    deleteLifecycle: (Bucket, signal) =>
      call(
        'DeleteBucketLifecycle',
        signal,
        s => client.send(new DeleteBucketLifecycleCommand({ Bucket }), { abortSignal: s }),
        nothing,
      ),
  }
}

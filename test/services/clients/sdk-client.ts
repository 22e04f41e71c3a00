/** The AWS SDK for JavaScript with default settings, like `boto3_client.py`. Arguments: bucket, prefix. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

const [bucket = '', prefix = ''] = process.argv.slice(2)
const s3 = new S3Client()
const folder = `${prefix}sdk/`
const at = (name: string) => ({ Bucket: bucket, Key: `${folder}${name}` })
const list = async () => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: folder }))
  return Contents.length
}

await s3.send(new PutObjectCommand({ ...at('one'), Body: 'weights' }))
const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at('many')))
const Parts = []
for (const PartNumber of [1, 2]) {
  const Body = Buffer.alloc(PartNumber === 1 ? 8 * 1024 * 1024 : 1024 * 1024)
  const part = await s3.send(new UploadPartCommand({ ...at('many'), UploadId, PartNumber, Body }))
  Parts.push({ PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 })
}
await s3.send(new CompleteMultipartUploadCommand({ ...at('many'), UploadId, MultipartUpload: { Parts } }))
await s3.send(new CopyObjectCommand({ ...at('copy'), CopySource: `${bucket}/${folder}one` }))
const { Body } = await s3.send(new GetObjectCommand(at('copy')))
const loaded = await Body?.transformToString()
const { ContentLength: size } = await s3.send(new HeadObjectCommand(at('many')))
const listed = await list()
for (const name of ['one', 'many', 'copy']) await s3.send(new DeleteObjectCommand(at(name)))
console.log(JSON.stringify({ loaded, size, listed, left: await list() }))

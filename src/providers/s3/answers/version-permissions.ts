/** Pure: permissions that mean nothing in a bucket without versions. */
export const VERSION_PERMISSIONS = ['s3:ListBucketVersions', 's3:DeleteObjectVersion']

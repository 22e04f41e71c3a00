"""boto3 with default settings: saves, uploads in parts, copies, lists, loads and deletes. Arguments: bucket, prefix."""

import io
import json
import sys

import boto3

bucket, prefix = sys.argv[1:]
s3 = boto3.client("s3")
one, many, copy = (f"{prefix}boto3/{name}" for name in ("one", "many", "copy"))
s3.put_object(Bucket=bucket, Key=one, Body=b"weights")
# More than boto3's threshold of 8 MiB, so that it uploads in parts.
s3.upload_fileobj(io.BytesIO(bytes(9 * 1024 * 1024)), bucket, many)
s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": one})
loaded = s3.get_object(Bucket=bucket, Key=copy)["Body"].read().decode()
size = s3.head_object(Bucket=bucket, Key=many)["ContentLength"]
listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}boto3/")["Contents"]]
for key in (one, many, copy):
    s3.delete_object(Bucket=bucket, Key=key)
left = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}boto3/").get("Contents", [])
print(json.dumps({"loaded": loaded, "size": size, "listed": len(listed), "left": len(left)}))

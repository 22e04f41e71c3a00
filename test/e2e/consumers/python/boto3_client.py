"""boto3: saves, lists, loads and deletes an object. Argument: s3://bucket/prefix."""

import json
import sys
from urllib.parse import urlparse

import boto3

store = urlparse(sys.argv[1])
bucket, key = store.netloc, store.path.lstrip("/") + "/boto3/model.bin"
session = boto3.session.Session()
s3 = session.client("s3")
s3.put_object(Bucket=bucket, Key=key, Body=b"weights")
loaded = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]]
s3.delete_object(Bucket=bucket, Key=key)
left = s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
print(json.dumps({"by": session.get_credentials().method, "loaded": loaded, "listed": listed, "left": left}))

"""boto3 in a process that never restarts. Argument: s3://bucket/prefix.

For each line of input, writes and reads an object, and prints with which key, how, and when that ends.
"""

import json
import sys
from urllib.parse import urlparse

import boto3

store = urlparse(sys.argv[1])
key = store.path.lstrip("/") + "/login.txt"
session = boto3.session.Session()
s3 = session.client("s3")
for _ in sys.stdin:
    s3.put_object(Bucket=store.netloc, Key=key, Body=b"weights")
    s3.get_object(Bucket=store.netloc, Key=key)["Body"].read()
    credentials = session.get_credentials()
    used = credentials.get_frozen_credentials()
    expiry = getattr(credentials, "_expiry_time", None)
    ends = expiry.strftime("%Y-%m-%dT%H:%M:%SZ") if expiry else None
    print(json.dumps({"by": credentials.method, "key": used.access_key, "ends": ends}), flush=True)

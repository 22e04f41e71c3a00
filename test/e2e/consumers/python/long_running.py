"""boto3 and s3fs in a process that never restarts: each writes and reads in a loop, with one client for its life.

Argument: s3://bucket/prefix. For each line of input, prints the progress of both.
"""

import json
import sys
import threading
from urllib.parse import urlparse

import boto3
import s3fs

uri = sys.argv[1]
store = urlparse(uri)
progress = {"boto3": 0, "s3fs": 0}
keys = []
errors = []


def with_boto3():
    session = boto3.session.Session()
    s3 = session.client("s3")
    object_of = {"Bucket": store.netloc, "Key": store.path.lstrip("/") + "/boto3"}

    def turn(body):
        s3.put_object(**object_of, Body=body)
        read = s3.get_object(**object_of)["Body"].read()
        key = session.get_credentials().get_frozen_credentials().access_key
        if key not in keys:
            keys.append(key)
        return read

    return turn


def with_s3fs():
    fs = s3fs.S3FileSystem()

    def turn(body):
        fs.pipe_file(f"{uri}/s3fs", body)
        return fs.cat_file(f"{uri}/s3fs")

    return turn


def loop(name, turn):
    while True:
        body = f"{name} {progress[name]}".encode()
        try:
            if turn(body) != body:
                errors.append(f"{name}: read something else")
        except Exception as error:
            errors.append(f"{name}: {error!r}")
            return
        progress[name] += 1


for name, client in {"boto3": with_boto3, "s3fs": with_s3fs}.items():
    threading.Thread(target=loop, args=(name, client()), daemon=True).start()
for _ in sys.stdin:
    print(json.dumps({**progress, "keys": keys, "errors": errors}), flush=True)

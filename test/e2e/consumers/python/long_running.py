"""Clients in a process that never restarts: each writes and reads in a loop, with one client for its life.

Arguments: s3://bucket/prefix, ZenML's artifact-store.json, OpenMetadata's connection.json. For each line of input,
prints the progress of all.
"""

import json
import sys
import threading
from pathlib import Path
from urllib.parse import urlparse

import boto3
import s3fs

uri, zenml, openmetadata = sys.argv[1], *(json.loads(Path(file).read_text()) for file in sys.argv[2:])
store = urlparse(uri)
progress = {"boto3": 0, "s3fs": 0, "zenml": 0, "openmetadata": 0}
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
    return with_file_system("s3fs", s3fs.S3FileSystem())


def with_zenml():
    """The file system as ZenML's artifact store makes it of its configuration."""
    names = ["key", "secret", "token", "client_kwargs", "config_kwargs", "s3_additional_kwargs"]
    return with_file_system("zenml", s3fs.S3FileSystem(**{name: zenml.get(name) for name in names}))


def with_file_system(name, fs):
    def turn(body):
        fs.pipe_file(f"{uri}/{name}", body)
        return fs.cat_file(f"{uri}/{name}")

    return turn


def with_openmetadata():
    """The client as OpenMetadata's AWSClient makes it of its connection. It only reads."""
    config = openmetadata["awsConfig"]
    session = boto3.Session(
        aws_access_key_id=config.get("awsAccessKeyId"),
        aws_secret_access_key=config.get("awsSecretAccessKey"),
        aws_session_token=config.get("awsSessionToken"),
        region_name=config["awsRegion"],
        profile_name=config.get("profileName"),
    )
    s3 = session.client(service_name="s3", endpoint_url=config["endPointURL"])

    def turn(body):
        s3.list_objects_v2(Bucket=openmetadata["bucketNames"][0], Prefix=store.path.lstrip("/") + "/")
        return body

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


clients = {"boto3": with_boto3, "s3fs": with_s3fs, "zenml": with_zenml, "openmetadata": with_openmetadata}
for name, client in clients.items():
    threading.Thread(target=loop, args=(name, client()), daemon=True).start()
for _ in sys.stdin:
    print(json.dumps({**progress, "keys": keys, "errors": errors}), flush=True)

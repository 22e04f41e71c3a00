"""A consumer as people write it: boto3 with only AWS_CONFIG_FILE, and one client for the life of the process.

Reads one command a line from standard input and answers with one line of JSON.
"""
import json
import sys

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
credentials = boto3.DEFAULT_SESSION.get_credentials()


def run(command, bucket="", key="", body=""):
    if command == "put":
        s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
        return "written"
    if command == "get":
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    if command == "list":
        return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])]
    if command == "key":
        return credentials.get_frozen_credentials().access_key
    raise ValueError(command)


for line in sys.stdin:
    try:
        answer = {"ok": run(*line.split())}
    except ClientError as error:
        answer = {"refused": error.response["Error"]["Code"]}
    print(json.dumps(answer), flush=True)

"""Prints the request that boto3 would send, as a line of JSON for each line of stdin."""

import io
import json
import sys

import boto3
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

session = boto3.session.Session()
client = session.client("s3")
urls = []


def instead_of_sending(request, **_):
    urls.append(request.url)
    return AWSResponse(request.url, 200, {}, HTTPResponse(io.BytesIO()))


client.meta.events.register("before-send.s3", instead_of_sending)
for _ in sys.stdin:
    client.head_object(Bucket="models", Key="prod/a")
    credentials = session.get_credentials()
    keys = credentials.get_frozen_credentials()
    found = {
        "method": credentials.method,
        "accessKeyId": keys.access_key,
        "secretAccessKey": keys.secret_key,
        "sessionToken": keys.token,
        "region": client.meta.region_name,
        "url": urls.pop(),
        "stsUrl": session.client("sts").meta.endpoint_url,
        "caBundle": client._endpoint.http_session._verify,
    }
    print(json.dumps(found), flush=True)

"""OpenMetadata's own model of an S3 connection, and the boto3 client that OpenMetadata creates from it.

Argument: a connection.json.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import boto3
from pydantic import SecretStr

# Loads the package without its __init__ and its AWSClient: these import everything that an ingestion needs, such as
# the secrets managers of all clouds.
package = types.ModuleType("metadata")
package.__path__ = list(importlib.util.find_spec("metadata").submodule_search_locations)
sys.modules["metadata"] = package

from metadata.generated.schema.entity.services.connections.storage.s3Connection import S3Connection

connection = S3Connection.model_validate(json.loads(Path(sys.argv[1]).read_text()))
aws = connection.awsConfig
session = boto3.Session(
    aws_access_key_id=aws.awsAccessKeyId,
    # The model's own method is not used, as it would ask a secrets manager.
    aws_secret_access_key=SecretStr.get_secret_value(aws.awsSecretAccessKey),
    aws_session_token=aws.awsSessionToken,
    region_name=aws.awsRegion,
)
s3 = session.client("s3", endpoint_url=str(aws.endPointURL))
found = {
    bucket: [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    for bucket in connection.bucketNames
}
print(json.dumps(found))

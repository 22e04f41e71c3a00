"""OpenMetadata's own model of an S3 connection, and the client that it makes of it. Argument: a connection.json."""

import importlib.util
import json
import sys
import types
from pathlib import Path

# The package, but not its __init__, which loads what only whole ingestions need.
package = types.ModuleType("metadata")
package.__path__ = list(importlib.util.find_spec("metadata").submodule_search_locations)
sys.modules["metadata"] = package

from metadata.clients.aws_client import AWSClient
from metadata.generated.schema.entity.services.connections.storage.s3Connection import S3Connection

connection = S3Connection.model_validate(json.loads(Path(sys.argv[1]).read_text()))
s3 = AWSClient(connection.awsConfig).get_s3_client()
found = {
    bucket: [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    for bucket in connection.bucketNames
}
print(json.dumps(found))

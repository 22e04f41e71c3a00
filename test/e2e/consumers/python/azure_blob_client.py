"""azure-storage-blob: saves, lists, loads and deletes a blob of $BUCKET_URI.

Argument: `env` for the connection string, `kserve` for a SAS token in the place of a key, `identity` for azure-identity.
"""

import json
import os
import sys

from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

if sys.argv[1] == "env":
    service = BlobServiceClient.from_connection_string(os.environ["AZURE_STORAGE_CONNECTION_STRING"])
elif sys.argv[1] == "kserve":
    # As kserve_storage does it, which builds the URL of the account of the public cloud by itself.
    service = BlobServiceClient(os.environ["ENDPOINT"], credential=os.getenv("AZURE_STORAGE_ACCESS_KEY"))
else:
    # The authority runs on this machine, and the public cloud does not know it.
    credential = DefaultAzureCredential(disable_instance_discovery=True)
    service = BlobServiceClient(os.environ["AZURE_STORAGE_ENDPOINT"], credential)
container = service.get_container_client(os.environ["BUCKET_NAME"])
folder = f"{os.environ['BUCKET_PREFIX']}{sys.argv[1]}"
blob = container.get_blob_client(f"{folder}/model.bin")
blob.upload_blob(b"weights")
loaded = blob.download_blob().readall().decode()
listed = [found.name for found in container.list_blobs(name_starts_with=f"{folder}/")]
blob.delete_blob()
print(json.dumps({"loaded": loaded, "listed": listed, "left": blob.exists()}))

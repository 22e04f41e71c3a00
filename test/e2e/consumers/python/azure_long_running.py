"""azure-storage-blob with azure-identity in a process that never restarts: one client for its life.

Each line of input is a number: the script lets so many seconds pass, then writes and reads a blob below $BUCKET_URI.
"""

import json
import os
import sys
import time

from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

ahead = 0
clock = time.time
time.time = lambda: clock() + ahead

credential = DefaultAzureCredential(disable_instance_discovery=True)
service = BlobServiceClient(os.environ["AZURE_STORAGE_ENDPOINT"], credential)
container = service.get_container_client(os.environ["BUCKET_NAME"])
blob = container.get_blob_client(f"{os.environ['BUCKET_PREFIX']}long-running")
for line in sys.stdin:
    ahead += int(line)
    blob.upload_blob(line.encode(), overwrite=True)
    print(json.dumps(blob.download_blob().readall().decode().strip()), flush=True)

"""ZenML's classes of artifact stores: save, list, load and delete.

Arguments: the flavor, artifact-store.json, and for Azure the values of its secret.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from zenml.enums import StackComponentType

flavor, *files = sys.argv[1:]
config, *secrets = [json.loads(Path(file).read_text()) for file in files]
if flavor == "s3":
    from zenml.integrations.s3.artifact_stores import S3ArtifactStore as Store
    from zenml.integrations.s3.flavors import S3ArtifactStoreConfig as Config
else:
    from zenml.integrations.azure.artifact_stores import AzureArtifactStore as Store
    from zenml.integrations.azure.flavors import AzureArtifactStoreConfig as Config
    from zenml.secret.schemas import AzureSecretSchema

    # The secret that the store names is the only thing for which ZenML would need its server.
    secret = AzureSecretSchema(**secrets[0])
    Store.get_credentials = lambda _: secret

now = datetime.now()
store = Store(
    name="store",
    id=uuid4(),
    config=Config(**config),
    flavor=flavor,
    type=StackComponentType.ARTIFACT_STORE,
    user=uuid4(),
    created=now,
    updated=now,
)
folder = f"{store.path}/zenml"
with store.open(f"{folder}/model.bin", "wb") as file:
    file.write(b"weights")
with store.open(f"{folder}/model.bin", "rb") as file:
    loaded = file.read().decode()
listed = store.listdir(folder)
kept = {}
if flavor == "s3":
    bucket, key, _ = store.filesystem.split_path(f"{folder}/model.bin")
    head = store.filesystem.call_s3("head_object", Bucket=bucket, Key=key)
    kept = {"encryption": head.get("ServerSideEncryption"), "versioned": store.is_versioned}
store.remove(f"{folder}/model.bin")
print(json.dumps({"loaded": loaded, "listed": listed, "left": store.exists(f"{folder}/model.bin"), **kept}))

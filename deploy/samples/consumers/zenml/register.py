import json
from pathlib import Path
from zenml.client import Client
from zenml.enums import StackComponentType

configuration = json.loads(Path("/var/run/artifact-store/artifact-store.json").read_text())
known = {"component_type": StackComponentType.ARTIFACT_STORE, "configuration": configuration}
client = Client()
try:
    client.update_stack_component(name_id_or_prefix="models", **known)
except KeyError:
    client.create_stack_component(name="models", flavor="s3", **known)

import json
from pathlib import Path
from zenml.client import Client
from zenml.enums import StackComponentType

values = json.loads(Path("/var/run/artifact-store/artifact-store-secret.json").read_text())
configuration = json.loads(Path("/var/run/artifact-store/artifact-store.json").read_text())
configuration["authentication_secret"] = "models"
known = {"component_type": StackComponentType.ARTIFACT_STORE, "configuration": configuration}
client = Client()
try:
    client.update_secret(name_id_or_prefix="models", add_or_update_values=values)
except KeyError:
    client.create_secret(name="models", values=values)
try:
    client.update_stack_component(name_id_or_prefix="models", **known)
except KeyError:
    client.create_stack_component(name="models", flavor="azure", **known)

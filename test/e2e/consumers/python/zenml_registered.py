"""Prints what a ZenML without a server has stored about the artifact store "models" and its secret."""

import json

from zenml.client import Client
from zenml.enums import StackComponentType

client = Client()
store = client.get_stack_component(StackComponentType.ARTIFACT_STORE, "models")
found = {"flavor": store.flavor_name, "configuration": store.configuration}
if name := store.configuration.get("authentication_secret"):
    found["secret"] = client.get_secret(name).secret_values
print(json.dumps(found))

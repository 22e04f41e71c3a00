"""Checks samples of consumers against the consumers' own types. Arguments: the consumer, and files.

argo: a Workflow. kserve: its kinds. openmetadata: a ConfigMap with a configuration, and a connection.json to put in.
openmetadata-connections: a connection.json each.
"""

import importlib
import importlib.util
import json
import os
import re
import sys
import types
from pathlib import Path

import yaml


def bare(name):
    """Loads a package without its __init__, which imports everything that a server needs."""
    package = types.ModuleType(name)
    package.__path__ = list(importlib.util.find_spec(name).submodule_search_locations)
    sys.modules[name] = package


def known(model, document):
    """Finds fields that the models do not have, which they would ignore."""
    kept = model.model_validate(document).model_dump(by_alias=True, exclude_none=True, mode="json")
    assert kept == document, f"{document} is more than {kept}"


def argo(file):
    from hera.workflows.models.io.argoproj.workflow.v1alpha1 import Workflow

    known(Workflow, yaml.safe_load(Path(file).read_text()))


def kserve(*files):
    from hera.workflows.models.io.k8s.api.core import v1

    bare("kserve")
    bare("kserve.models")

    def check(kind, value):
        if many := re.fullmatch(r"list\[(\w+)\]", kind):
            assert isinstance(value, list), value
            for item in value:
                check(many[1], item)
        elif re.fullmatch(r"V1(alpha1|beta1)\w+", kind):
            module = re.sub(r"(?<!^)(?<![A-Z])(?=[A-Z])", "_", kind).lower()
            model = getattr(importlib.import_module(f"kserve.models.{module}"), kind)
            names = {name: attribute for attribute, name in model.attribute_map.items()}
            for name, field in value.items():
                assert name in names, f"{kind} has no {name}"
                check(model.openapi_types[names[name]], field)
        elif kind == "str":
            assert isinstance(value, str), value
        elif kind != "V1ObjectMeta":
            known(getattr(v1, kind.removeprefix("V1")), value)

    for file in files:
        document = yaml.safe_load(Path(file).read_text())
        version = document["apiVersion"].removeprefix("serving.kserve.io/")
        check(version.capitalize() + document["kind"], document)


def openmetadata(file, connection):
    bare("metadata")
    from metadata.config.common import load_config_file
    from metadata.generated.schema.metadataIngestion.workflow import OpenMetadataWorkflowConfig

    os.environ.update(CONNECTION=Path(connection).read_text(), OPENMETADATA_JWT="eyJ.eyJ.sig")
    (text,) = yaml.safe_load(Path(file).read_text())["data"].values()
    config = Path(connection).with_name("config.yaml")
    config.write_text(text)
    workflow = OpenMetadataWorkflowConfig.model_validate(load_config_file(config))
    found = workflow.source.serviceConnection.root.config
    assert type(found).__name__ == "S3Connection" and found.awsConfig.awsSessionToken, found


def openmetadata_connections(*files):
    bare("metadata")
    from metadata.generated.schema.entity.services.connections.database.datalakeConnection import DatalakeConnection
    from metadata.generated.schema.entity.services.connections.storage.s3Connection import S3Connection

    models = {"Datalake": DatalakeConnection, "S3": S3Connection}
    for file in files:
        connection = json.loads(Path(file).read_text())
        # The models forbid what they do not know.
        found = models[connection["type"]].model_validate(connection)
        aws = getattr(found, "awsConfig", None)
        assert aws is None or aws.awsAccessKeyId is None and aws.awsSecretAccessKey is None, found


consumer, *files = sys.argv[1:]
{
    "argo": argo,
    "kserve": kserve,
    "openmetadata": openmetadata,
    "openmetadata-connections": openmetadata_connections,
}[consumer](*files)

"""Argo Workflows' types, as Hera generates them from its API. Argument: an artifact-repository.yaml."""

import json
import sys
from pathlib import Path

import yaml
from hera.workflows.models.io.argoproj.workflow.v1alpha1 import ArtifactRepository

document = yaml.safe_load(Path(sys.argv[1]).read_text())
known = ArtifactRepository.model_validate(document).model_dump(by_alias=True, exclude_none=True)
# The models would ignore fields that Argo does not have.
assert known == document, f"{document} is more than {known}"
print(json.dumps(known))

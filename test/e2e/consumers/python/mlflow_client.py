"""MLflow's repository of artifacts on S3: saves, lists, loads and deletes one. Argument: s3://bucket/prefix."""

import json
import sys
import tempfile
from pathlib import Path

from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

repository = S3ArtifactRepository(sys.argv[1] + "/mlflow")
with tempfile.TemporaryDirectory() as directory:
    source = Path(directory, "model.bin")
    source.write_text("weights")
    repository.log_artifact(str(source), "run")
    listed = [info.path for info in repository.list_artifacts("run")]
    loaded = Path(repository.download_artifacts("run/model.bin", directory)).read_text()
repository.delete_artifacts("run")
left = [info.path for info in repository.list_artifacts("run")]
print(json.dumps({"loaded": loaded, "listed": listed, "left": left}))

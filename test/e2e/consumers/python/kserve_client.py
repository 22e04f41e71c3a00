"""KServe's storage initializer: what it finds at a URI, in the way of its container.

Arguments: s3://bucket/prefix, and where to put it.
"""

import json
import sys
from pathlib import Path

from kserve_storage import Storage

uri, directory = sys.argv[1:]
# It logs to standard output.
sys.stdout, output = sys.stderr, sys.stdout
Storage.download_files([uri], [directory])
print(json.dumps({path.name: path.read_text() for path in Path(directory).iterdir()}), file=output)

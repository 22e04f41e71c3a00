"""KServe's storage initializer: downloads what is at a URI, as its container does.

Arguments: s3://bucket/prefix, and where to put it.
"""

import json
import sys
from pathlib import Path

from kserve_storage import Storage

uri, directory = sys.argv[1:]
# The initializer logs to standard output, which is for the answer.
sys.stdout, output = sys.stderr, sys.stdout
Storage.download_files([uri], [directory])
print(json.dumps({path.name: path.read_text() for path in Path(directory).iterdir()}), file=output)

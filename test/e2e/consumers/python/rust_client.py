"""The object store of Rust (crate object_store, as in Delta Lake, Lance, DataFusion and Polars), with variables alone.

Argument: s3://bucket/prefix or az://container/prefix.
"""

import json
import sys

import obstore
from obstore.store import from_url

uri = sys.argv[1]
store = from_url(uri)
path = "rust/model.bin"
obstore.put(store, path, b"weights")
loaded = bytes(obstore.get(store, path).bytes()).decode()
listed = [item["path"] for page in obstore.list(store, prefix="rust") for item in page]
obstore.delete(store, path)
left = [item["path"] for page in obstore.list(store, prefix="rust") for item in page]
print(json.dumps({"loaded": loaded, "listed": listed, "left": left}))

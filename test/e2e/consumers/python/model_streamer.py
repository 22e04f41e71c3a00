"""Run:ai's model streamer, by which vLLM reads models: lists what is below an URI, and reads all of it.

Argument: s3://bucket/prefix/
"""

import ctypes
import importlib.util
import json
import sys
import types

# Loads the package without its __init__, which needs PyTorch for what it does with the bytes that it has read.
package = types.ModuleType("runai_model_streamer")
package.__path__ = list(importlib.util.find_spec("runai_model_streamer").submodule_search_locations)
sys.modules["runai_model_streamer"] = package

from runai_model_streamer.libstreamer import libstreamer

streamer = libstreamer.runai_start()
sizes = {}
libstreamer.runai_list_files(streamer, sys.argv[1], sizes.__setitem__)
paths = list(sizes)
buffers = [ctypes.create_string_buffer(sizes[path]) for path in paths]
libstreamer.runai_request(
    streamer,
    paths,
    [1] * len(paths),
    [0] * len(paths),
    [sizes[path] for path in paths],
    [ctypes.addressof(buffer) for buffer in buffers],
)
for _ in paths:
    code, *_ = libstreamer.runai_response(streamer)
    if code != libstreamer.SUCCESS_ERROR_CODE:
        raise SystemExit(libstreamer.runai_response_str(code))
libstreamer.runai_end(streamer)
print(json.dumps({path.rsplit("/", 1)[-1]: buffer.raw.decode() for path, buffer in zip(paths, buffers)}))

"""s3fs: saves, lists, loads and deletes a file. Argument: s3://bucket/prefix."""

import json
import sys

import s3fs

folder = sys.argv[1] + "/s3fs"
fs = s3fs.S3FileSystem()
with fs.open(f"{folder}/model.bin", "wb") as file:
    file.write(b"weights")
loaded = fs.cat_file(f"{folder}/model.bin").decode()
listed = fs.ls(folder)
fs.rm(folder, recursive=True)
print(json.dumps({"loaded": loaded, "listed": listed, "left": fs.exists(folder)}))

"""adlfs: saves, lists, loads, copies and deletes a blob. Argument: az://container/prefix."""

import json
import sys

import adlfs

folder = sys.argv[1].removeprefix("az://") + "/adlfs"
fs = adlfs.AzureBlobFileSystem()
with fs.open(f"{folder}/model.bin", "wb") as file:
    file.write(b"weights")
loaded = fs.cat_file(f"{folder}/model.bin").decode()
listed = fs.ls(folder, detail=False)
fs.cp_file(f"{folder}/model.bin", f"{folder}/copy.bin")
copied = fs.cat_file(f"{folder}/copy.bin").decode()
fs.rm(folder, recursive=True)
left = fs.exists(f"{folder}/model.bin") or fs.exists(f"{folder}/copy.bin")
print(json.dumps({"loaded": loaded, "listed": listed, "copied": copied, "left": left}))

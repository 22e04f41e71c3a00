"""adlfs: saves, lists, loads and deletes a blob. Argument: az://container/prefix."""

import json
import sys

import adlfs

folder = sys.argv[1].removeprefix("az://") + "/adlfs"
fs = adlfs.AzureBlobFileSystem()
with fs.open(f"{folder}/model.bin", "wb") as file:
    file.write(b"weights")
loaded = fs.cat_file(f"{folder}/model.bin").decode()
listed = fs.ls(folder, detail=False)
fs.rm(f"{folder}/model.bin")
print(json.dumps({"loaded": loaded, "listed": listed, "left": fs.exists(f"{folder}/model.bin")}))

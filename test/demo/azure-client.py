"""A consumer as people write it: adlfs with only the variables of its Secret.

Reads one command a line from standard input and answers with one line of JSON.
"""
import json
import sys

from adlfs import AzureBlobFileSystem
from azure.core.exceptions import HttpResponseError

store = AzureBlobFileSystem()


def run(command, path, body=""):
    if command == "put":
        with store.open(path, "wb") as blob:
            blob.write(body.encode())
        return "written"
    if command == "get":
        return store.cat_file(path).decode()
    if command == "list":
        return store.ls(path, detail=False, refresh=True)
    if command == "remove":
        store.rm_file(path)
        return "removed"
    raise ValueError(command)


def code_of(error):
    """The error of the service, which adlfs wraps in its own."""
    while error is not None and not isinstance(error, HttpResponseError):
        error = error.__cause__ or error.__context__
    return error and (error.error_code or error.status_code)


for line in sys.stdin:
    try:
        answer = {"ok": run(*line.split())}
    except Exception as error:
        answer = {"refused": code_of(error) or repr(error)}
    print(json.dumps(answer), flush=True)

"""Has the Azure CLI read commands, and run none: takes lists of words as JSON, and writes what it says of each, or null."""

import contextlib
import io
import json
import sys

from azure.cli.core import get_default_cli
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS


class Parsed(BaseException):
    """Stops where the command would be run. The CLI catches what is an Exception."""


def stop(_, **__):
    raise Parsed


def said_of(words):
    cli = get_default_cli()
    cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            cli.invoke(words)
    except Parsed:
        return None
    except SystemExit:
        pass
    return said.getvalue() or "nothing"


if __name__ == "__main__":
    print(json.dumps([said_of(words) for words in json.load(sys.stdin)]))

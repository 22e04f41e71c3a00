"""moto as a strict AWS, at 127.0.0.1: `python server.py PORT [lenient]`.

moto is lenient where AWS is strict: it ignores session policies, conditions, regions and external ids, so that a test
against it proves little. The other modules in this folder add the checks that tests of the operator need, for the
version that test/cluster/tools.ts pins. IAM and KMS themselves need no credentials here: tests administer accounts
through them.
With `lenient`, nothing is added: a service that issues credentials, and lets everybody do everything.
"""

import json
import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

import access
import cloudwatch
import iam
import s3
import sts

SESSIONS = "/sessions"


def with_sessions(app):
    """Answers GET /sessions for tests: lists the credentials that STS has issued, without their secrets."""

    def serve(environ, start_response):
        if environ["PATH_INFO"] != SESSIONS:
            return app(environ, start_response)
        body = json.dumps([session.facts() for session in access.sessions.values()]).encode()
        start_response("200 OK", [("content-type", "application/json")])
        return [body]

    return serve


if __name__ == "__main__":
    for module in () if "lenient" in sys.argv else (access, iam, sts, s3, cloudwatch):
        module.install()
    app = with_sessions(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=MotoRequestHandler)

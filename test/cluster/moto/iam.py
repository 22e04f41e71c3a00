"""IAM: the audiences of an OIDC provider can be added to, which moto does not know, and policies have room for so much."""

import json

from moto.core.responses import EmptyResult
from moto.iam.exceptions import LimitExceededException
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from access import attached, inline

INLINE = {"role": 10240, "user": 2048}
MANAGED = 6144
ATTACHED = 10


def add_client_id(response):
    provider = response.backend.get_open_id_connect_provider(response._get_param("OpenIDConnectProviderArn"))
    client_id = response._get_param("ClientID")
    if client_id not in provider.client_id_list:
        provider.client_id_list.append(client_id)
    return EmptyResult()


def size(text):
    """Spaces between the parts of a document don't count."""
    return len(json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False))


def bounded(kind, find, put):
    def put_policy(backend, holder_name, policy_name, policy_json):
        policies = {**inline(find(backend, holder_name)), policy_name: policy_json}
        if sum(size(policy) for policy in policies.values()) > INLINE[kind]:
            raise LimitExceededException(f"Maximum policy size of {INLINE[kind]} bytes exceeded for {kind} {holder_name}")
        put(backend, holder_name, policy_name, policy_json)

    return put_policy


def attaching(kind, find, attach):
    def attach_policy(backend, policy_arn, holder_name):
        there = {version.policy_arn for version in attached(find(backend, holder_name))}
        if len(there | {policy_arn}) > ATTACHED:
            raise LimitExceededException(f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {ATTACHED}")
        attach(backend, policy_arn, holder_name)

    return attach_policy


def managed(call):
    def checked(backend, *args, **kwargs):
        document = kwargs.get("policy_document") or next(arg for arg in args if str(arg).startswith("{"))
        if size(document) > MANAGED:
            raise LimitExceededException(f"Cannot exceed quota for PolicySize: {MANAGED}")
        return call(backend, *args, **kwargs)

    return checked


def install():
    IamResponse.add_client_id_to_open_id_connect_provider = add_client_id
    for kind in INLINE:
        find = getattr(IAMBackend, f"get_{kind}")
        put, attach = f"put_{kind}_policy", f"attach_{kind}_policy"
        setattr(IAMBackend, put, bounded(kind, find, getattr(IAMBackend, put)))
        setattr(IAMBackend, attach, attaching(kind, find, getattr(IAMBackend, attach)))
    for name in ("create_policy", "create_policy_version"):
        setattr(IAMBackend, name, managed(getattr(IAMBackend, name)))

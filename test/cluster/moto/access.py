"""The caller of a request and what the caller may do: keys, signatures, policies of identities and of sessions."""

from urllib.parse import unquote, urlparse

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.iam import access_control
from moto.iam.models import iam_backends
from moto.iam.utils import random_alphanumeric
from moto.sts.models import STSBackend

from botocore.credentials import Credentials
from policies import allows, document

sessions = {}


class Key:
    """A long-term key of a user. `Session` derives from it and adds what STS adds."""

    def __init__(self, account, arn, key_id, secret, policies):
        self.account = account
        self.arn = arn
        self.key_id = key_id
        self.secret = secret
        self.token = None
        # The ARN of the role, with its path, for sessions of roles.
        self.role = None
        self.policies = policies

    @property
    def long_term(self):
        return self.token is None

    @property
    def principals(self):
        """The names that a trust policy may use for the caller."""
        account = f"arn:aws:iam::{self.account}:root"
        names = {self.arn, account, self.account}
        if self.role:
            names.add(self.role)
        return names

    def create_credentials(self):
        """The credentials with which moto checks the signature."""
        return Credentials(self.key_id, self.secret, self.token)

    def may(self, action, resource, context):
        return allows(self.policies(), action, resource, context)


class Session(Key):
    """Credentials of STS. `narrowed_by` is the session policy, or None if there is none."""

    def __init__(self, account, arn, policies, narrowed_by, request):
        key = iam_backends[account]["aws"].create_temp_access_key()
        super().__init__(account, arn, key.access_key_id, key.secret_access_key, policies)
        self.token = random_alphanumeric(200)
        self.narrowed_by = narrowed_by
        self.request = request
        sessions[self.key_id] = self

    def may(self, action, resource, context):
        narrowed = self.narrowed_by is None or allows([self.narrowed_by], action, resource, context)
        return narrowed and super().may(action, resource, context)

    def facts(self):
        return {"arn": self.arn, "accessKeyId": self.key_id, **self.request}


def find_key(account_id, partition, access_key_id, headers):
    """Finds the key that signed, with the parameters that moto's class passes."""
    token = headers.get("X-Amz-Security-Token")
    session = sessions.get(access_key_id)
    if session:
        if token != session.token:
            raise access_control.CreateAccessKeyFailure(reason="InvalidToken")
        return session
    for user in iam_backends[account_id][partition].list_users("/", None, None):
        for key in user.access_keys:
            if key.access_key_id != access_key_id or key.status != "Active":
                continue
            if token:
                raise access_control.CreateAccessKeyFailure(reason="InvalidToken")
            return Key(account_id, user.arn, key.access_key_id, key.secret_access_key, lambda: policies_of(user))
    raise access_control.CreateAccessKeyFailure(reason="InvalidId")


def policies_of(holder):
    """The inline policies of a user or role, and what is attached to it."""
    return [document(policy) for policy in [*inline(holder).values(), *(one.document for one in attached(holder))]]


def inline(holder):
    """By name."""
    policies = holder.policies
    return policies if isinstance(policies, dict) else {entry["policy_name"]: entry["policy_document"] for entry in policies}


def attached(holder):
    return [
        version
        for policy in holder.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]


def authorize(response, request_class, resource="*"):
    """Replaces moto's check of permissions. Stores the caller in the response object for later checks."""
    action = response._get_action()
    if response.service_name in ("iam", "kms") or action == "AssumeRoleWithWebIdentity":
        return
    if "Authorization" not in response.headers:
        raise AccessDeniedError("anonymous", action)
    query = urlparse(response.uri).query
    request = request_class(
        account_id=response.current_account,
        method=response.method,
        path=response.raw_path + ("?" + query if query else ""),
        data=response.data,
        body=response.raw_body,
        headers=response.headers,
        action=action,
    )
    request.check_signature()
    response.caller = request._access_key
    if action in ("GetCallerIdentity", "GetSessionToken") or deletes_many(response):
        return
    action = permission(response, request._action)
    if action == "sts:AssumeRole":
        # The caller's own policy must name the role.
        resource = response._get_param("RoleArn")
    if not response.caller.may(action, resource, context_of(response)):
        if response.service_name == "cloudwatch":
            raise JsonDenial(response.caller.arn, action)
        request._raise_access_denied()
    source = response.headers.get("X-Amz-Copy-Source", "")
    if source and not response.caller.may("s3:GetObject", copied(source), {}):
        request._raise_access_denied()


def copied(source):
    """The ARN of the object that a request copies; moto does not ask whether it may be read."""
    return "arn:aws:s3:::" + unquote(source.split("?")[0]).lstrip("/")


def deletes_many(response):
    """True for a request that deletes several keys, each of which is checked by itself later."""
    return response.service_name == "s3" and response.is_delete_keys()


class JsonDenial(JsonRESTError):
    """A denial for clients that speak JSON: moto would answer in XML."""

    code = 403

    def __init__(self, who, action):
        super().__init__("AccessDenied", f"User: {who} is not authorized to perform: {action}")


def context_of(response):
    """The condition keys of a request, with their values."""
    context = {}
    if "prefix" in response.normalized_request.args:
        context["s3:prefix"] = response.normalized_request.args["prefix"]
    acl = response.headers.get("X-Amz-Acl")
    if acl:
        context["s3:x-amz-acl"] = acl
    for parameter, key in (("ExternalId", "sts:ExternalId"), ("RoleSessionName", "sts:RoleSessionName")):
        if parameter in response.data:
            context[key] = response.data[parameter][0]
    return context


def permission(response, action):
    """The name of the action in IAM, where moto has another name for it."""
    versioned = "versionId" in response.normalized_request.args
    acl = "acl" in response.normalized_request.args
    if action == "s3:HeadBucket":
        return "s3:ListBucket"
    if action == "s3:GetObjectVersion" and acl:
        return "s3:GetObjectVersionAcl"
    if action == "s3:PutObjectAcl" and versioned:
        return "s3:PutObjectVersionAcl"
    if action == "s3:GetObject" and versioned:
        return "s3:GetObjectVersion"
    return action.replace("monitoring:", "cloudwatch:")


def who(backend, access_key_id, region):
    session = sessions.get(access_key_id)
    if session:
        return session.key_id, session.arn, session.account
    user = iam_backends[backend.account_id][backend.partition].get_user_from_access_key_id(access_key_id)
    return user.id, user.arn, user.account_id


def install():
    access_control.create_access_key = find_key
    ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize
    STSBackend.get_caller_identity = who

"""STS: roles must exist and trust the caller, sessions have policies and limits, and the issued keys work."""

import base64
import datetime
import json
import re

from moto.core.exceptions import _RESTError
from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.responses import TokenResponse

from access import Session, policies_of
from policies import allows, document

HOUR = 3600


class Refusal(_RESTError):
    def __init__(self, code, message, status=400):
        super().__init__(code, message)
        self.code = status


def denied(who, action, resource):
    return Refusal("AccessDenied", f"User: {who} is not authorized to perform: {action} on resource: {resource}", 403)


def invalid(message):
    return Refusal("ValidationError", message)


def assume_role(response):
    caller, arn = response.caller, response._get_param("RoleArn")
    role = find_role(arn)
    context = {}
    if response._get_param("ExternalId") is not None:
        context["sts:ExternalId"] = response._get_param("ExternalId")
    actions = ["sts:AssumeRole"]
    if response._get_param("Tags"):
        actions.append("sts:TagSession")
    if response._get_param("SourceIdentity"):
        actions.append("sts:SetSourceIdentity")
    for action in actions:
        if role is None or not trusts(role, action, context, caller.principals):
            raise denied(caller.arn, action, arn)
        if not caller.may(action, arn, {}):
            raise denied(caller.arn, action, arn)
    if ":assumed-role/" in caller.arn and duration(response) > HOUR:
        raise invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    return issue_role(response, role, caller.arn)


def assume_role_with_web_identity(response):
    """Does not check the signature of the token: other tests do this with MinIO."""
    arn = response._get_param("RoleArn")
    claims = claims_of(response._get_param("WebIdentityToken"))
    issuer = claims["iss"].removeprefix("https://")
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    provider_arn = f"arn:aws:iam::{arn.split(':')[4]}:oidc-provider/{issuer}"
    provider = backend_of(arn).open_id_providers.get(provider_arn)
    if provider is None:
        message = f"No OpenIDConnect provider found in your account for {claims['iss']}"
        raise Refusal("InvalidIdentityToken", message)
    if not set(audiences) & set(provider.client_id_list):
        raise Refusal("InvalidIdentityToken", "Incorrect token audience")
    context = {f"{issuer}:aud": audiences[0], f"{issuer}:sub": claims["sub"]}
    role = find_role(arn)
    if role is None or not trusts(role, "sts:AssumeRoleWithWebIdentity", context, {provider_arn}):
        raise Refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)
    return issue_role(response, role, claims["sub"])


def get_session_token(response):
    caller = response.caller
    long_term_only(caller, "GetSessionToken")
    session = Session(caller.account, caller.arn, caller.policies, None, request_of(response, caller.arn))
    return ActionResult({"Credentials": credentials(session, duration(response, 43_200, 129_600))})


def get_federation_token(response):
    caller = response.caller
    long_term_only(caller, "GetFederationToken")
    name = response._get_param("Name")
    if not re.fullmatch(r"[\w+=,.@-]{2,32}", name or ""):
        raise invalid(f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint")
    policy = response._get_param("Policy")
    check_policy(policy)
    # A federated user without a policy may do nothing.
    narrowed_by = document(policy) if policy else {"Statement": []}
    arn = f"arn:aws:sts::{caller.account}:federated-user/{name}"
    session = Session(caller.account, arn, caller.policies, narrowed_by, request_of(response, caller.arn))
    return ActionResult(
        {
            "Credentials": credentials(session, duration(response, 43_200, 129_600)),
            "FederatedUser": {"FederatedUserId": f"{caller.account}:{name}", "Arn": arn},
        }
    )


def issue_role(response, role, who):
    name = response._get_param("RoleSessionName")
    if not re.fullmatch(r"[\w+=,.@-]{2,64}", name or ""):
        raise invalid(f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint")
    seconds = duration(response)
    if seconds > role.max_session_duration:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    policy = response._get_param("Policy")
    check_policy(policy)
    account = role.arn.split(":")[4]
    session = Session(
        account,
        f"arn:aws:sts::{account}:assumed-role/{role.name}/{name}",
        lambda: policies_of(role),
        document(policy) if policy else None,
        request_of(response, who),
    )
    session.role = role.arn
    return ActionResult(
        {
            "Credentials": credentials(session, seconds),
            "AssumedRoleUser": {"AssumedRoleId": f"{role.id}:{name}", "Arn": session.arn},
        }
    )


def request_of(response, who):
    """The request as GET /sessions shows it."""
    names = ["RoleArn", "RoleSessionName", "ExternalId", "SourceIdentity", "DurationSeconds", "Name", "Policy"]
    asked = {name: response.data[name][0] for name in names if name in response.data}
    tags = {tag["Key"]: tag["Value"] for tag in response._get_param("Tags") or []}
    return {"operation": response._get_action(), "by": who, **asked, "Tags": tags}


def credentials(session, seconds):
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return {
        "AccessKeyId": session.key_id,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
        "Expiration": now + datetime.timedelta(seconds=seconds),
    }


def duration(response, default=HOUR, most=43_200):
    seconds = response._get_int_param("DurationSeconds", default)
    if not 900 <= seconds <= most:
        raise invalid(
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint"
        )
    return seconds


def check_policy(policy):
    if policy is None:
        return
    if len(policy) > 2048:
        raise invalid("1 validation error detected: Value at 'policy' failed to satisfy constraint: length <= 2048")
    try:
        document(policy)["Statement"]
    except (ValueError, KeyError):
        raise Refusal("MalformedPolicyDocument", "Syntax errors in policy.") from None


def long_term_only(caller, operation):
    if not caller.long_term:
        raise Refusal("AccessDenied", f"Cannot call {operation} with session credentials", 403)


def trusts(role, action, context, principals):
    return allows([document(role.assume_role_policy_document)], action, role.arn, context, principals)


def find_role(arn):
    try:
        return backend_of(arn).get_role_by_arn(arn)
    except NotFoundException:
        return None


def backend_of(arn):
    return iam_backends[arn.split(":")[4]]["aws"]


def claims_of(token):
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        raise Refusal("InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None


def install():
    for operation in (assume_role, assume_role_with_web_identity, get_session_token, get_federation_token):
        setattr(TokenResponse, operation.__name__, operation)

"""S3: a bucket is in one region and belongs to one account, and only those who may list learn that a key is absent."""

import base64
import hashlib

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.kms.models import kms_backends
from moto.s3.exceptions import BucketAccessDeniedError
from moto.s3.models import FakeDeleteMarker, S3Backend, s3_backends
from moto.s3.responses import S3Response
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from access import context_of, permission
from policies import allows, document

# Some of the regions that were opened after March 2019: they answer 400 where older regions answer 301.
YOUNG_REGIONS = {"eu-south-1", "me-south-1", "ap-east-1", "af-south-1"}
# An account that has reached its quota of buckets.
FULL_ACCOUNT = "444444444444"

check_action = ActionAuthenticatorMixin._authenticate_and_authorize_s3_action
delete_object = S3Backend.delete_object
delete_many = S3Response._bucket_response_delete_keys
create_bucket = S3Backend.create_bucket


def refusal(status, code, message, detail="", headers=None):
    xml = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message>{detail}</Error>'
    return HTTPException(response=Response(xml, status, headers, content_type="application/xml"))


def authorize(response, bucket_name=None, key_name=None):
    bucket = find_bucket(bucket_name)
    creating = response._get_action() == "CreateBucket"
    if bucket and not creating:
        redirect(response, bucket)
    check_action(response, bucket_name, key_name)
    if bucket and not creating and not is_open(response, bucket, key_name):
        raise BucketAccessDeniedError(bucket=bucket_name)
    if bucket and key_name and response.method in ("GET", "HEAD"):
        hide_absent(response, bucket, key_name)
    if response.method in ("PUT", "POST"):
        check_body(response)
        check_acl(response, bucket_name, key_name)
        check_kms(response)
    if bucket and key_name and response.method == "GET":
        check_reader(response, bucket.keys.get(key_name))


def find_bucket(name):
    partition, account = s3_backends.bucket_accounts.get(name, (None, None))
    return s3_backends[account][partition].buckets.get(name) if account else None


def is_open(response, bucket, key_name):
    """True if the bucket is open to the caller: to its own account, and to callers that its policy names."""
    if bucket.account_id != response.headers.get("X-Amz-Expected-Bucket-Owner", bucket.account_id):
        return False
    if bucket.account_id == response.caller.account:
        return True
    if not bucket.policy:
        return False
    action = permission(response, f"s3:{response._get_action()}")
    resource = f"arn:aws:s3:::{bucket.name}" + (f"/{key_name}" if key_name else "")
    return allows([document(bucket.policy)], action, resource, context_of(response), response.caller.principals)


def redirect(response, bucket):
    """Refuses a request that was signed for another region than the bucket's."""
    here, there = response.region, bucket.region_name
    if here == there or (here == "us-east-1" and response._get_action() == "GetBucketLocation"):
        return
    headers = {"x-amz-bucket-region": there}
    if there in YOUNG_REGIONS:
        message = f"The authorization header is malformed; the region '{here}' is wrong; expecting '{there}'"
        raise refusal(400, "AuthorizationHeaderMalformed", message, f"<Region>{there}</Region>", headers)
    message = "The bucket you are attempting to access must be addressed using the specified endpoint."
    endpoint = f"<Endpoint>s3.{there}.amazonaws.com</Endpoint><Bucket>{bucket.name}</Bucket>"
    raise refusal(301, "PermanentRedirect", message, endpoint, headers)


def hide_absent(response, bucket, key_name):
    """Refuses with 403 instead of 404 if the caller may not list with the absent key as the prefix."""
    args = response.normalized_request.args
    if key_name in bucket.keys or "uploadId" in args:
        return
    context = {**context_of(response), "s3:prefix": key_name}
    if not response.caller.may("s3:ListBucket", f"arn:aws:s3:::{bucket.name}", context):
        raise BucketAccessDeniedError(bucket=bucket.name)
    if args.get("versionId") == "null":
        # In a bucket without versions, moto would ignore this version id.
        raise refusal(404, "NoSuchVersion", "The specified version does not exist.")


def check_body(response):
    expected = response.headers.get("Content-Md5")
    if expected and base64.b64encode(hashlib.md5(response.raw_body).digest()).decode() != expected:
        raise refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")


def denied(response, action, resource):
    message = f"User: {response.caller.arn} is not authorized to perform: {action} on resource: {resource}"
    return refusal(403, "AccessDenied", f"{message} because no identity-based policy allows the {action} action")


def check_acl(response, bucket_name, key_name):
    """Whoever sends an ACL with an object needs the right to write ACLs, too."""
    resource = f"arn:aws:s3:::{bucket_name}/{key_name}"
    if not key_name or "X-Amz-Acl" not in response.headers or "acl" in response.normalized_request.args:
        return
    if not response.caller.may("s3:PutObjectAcl", resource, context_of(response)):
        raise denied(response, "s3:PutObjectAcl", resource)


def check_kms(response):
    """Writing needs a new data key, and an upload in parts reads the one that it was begun with."""
    key = response.headers.get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
    if not key:
        return
    found = find_kms_key(response, key)
    if not found:
        raise refusal(400, "KMS.NotFoundException", f"Key '{key}' does not exist")
    actions = ["kms:GenerateDataKey"]
    if "uploads" in response.normalized_request.args:
        actions.append("kms:Decrypt")
    for action in actions:
        check_key(response, found, action)


def check_reader(response, key):
    """Reading an object needs the key that it was encrypted with."""
    found = key and getattr(key, "kms_key_id", None) and find_kms_key(response, key.kms_key_id)
    if found:
        check_key(response, found, "kms:Decrypt")


def find_kms_key(response, name):
    """The key of a name: an id, an alias or the ARN of either, of the caller's account where it names none."""
    account = name.split(":")[4] if name.startswith("arn:") else response.caller.account
    backend = kms_backends[account][response.region]
    short = name.split(":")[-1].removeprefix("key/")
    if short.startswith("alias/"):
        short = backend.get_key_id_from_alias(short)
    return backend.keys.get(short)


def check_key(response, key, action):
    """The caller's own policies decide for keys of its account; others must let it in by their policy or a grant, too."""
    caller = response.caller
    context = {"kms:ViaService": f"s3.{response.region}.amazonaws.com", "kms:ResourceAliases": list(key.aliases)}
    is_open = key.account_id == caller.account or is_let_in(key, action, caller)
    if not is_open or not caller.may(action, key.arn, context):
        raise denied(response, action, key.arn)


def is_let_in(key, action, caller):
    if allows([document(key.policy)], action, key.arn, {}, caller.principals):
        return True
    operation = action.removeprefix("kms:")
    grants = key.list_grants(None)
    return any(grant.grantee_principal in caller.principals and operation in grant.operations for grant in grants)


def list_all(response):
    """Lists buckets in pages. Like AWS, it adds the regions only if the request asks for pages."""
    response.data["Action"] = "ListAllMyBuckets"
    response._authenticate_and_authorize_s3_action()
    args = response.normalized_request.args
    after = args.get("continuation-token", "")
    most = int(args.get("max-buckets", 10_000))
    found = response.backend.list_buckets(args.get("prefix"), args.get("bucket-region"), None)
    buckets = sorted((bucket for bucket in found if bucket.name > after), key=lambda bucket: bucket.name)
    page = buckets[:most]
    result = {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": bucket.creation_date_ISO8601,
                **({"BucketRegion": bucket.region_name} if args else {}),
            }
            for bucket in page
        ],
        **({"ContinuationToken": page[-1].name} if len(buckets) > most else {}),
    }
    response.data["Action"] = "ListBuckets"
    return response.serialized(ActionResult(result))


def delete(backend, bucket_name, key_name, version_id=None, bypass=False):
    """Leaves a delete marker in a versioned bucket even if the key is absent."""
    bucket = backend.get_bucket(bucket_name)
    if bucket.is_versioned and version_id is None and key_name not in bucket.keys:
        marker = FakeDeleteMarker(key=AbsentKey(key_name))
        bucket.keys[key_name] = marker
        return True, {"version-id": marker.version_id, "delete-marker": "true"}
    return delete_object(backend, bucket_name, key_name, version_id, bypass)


def delete_keys(response, bucket_name, authenticated=True):
    """Checks each key by itself; moto would check the bucket once, and refuse all keys or none."""
    bucket = find_bucket(bucket_name)

    def permission_of(action, resource):
        may = response.caller.may(action, resource, context_of(response))
        return PermissionResult.PERMITTED if may else PermissionResult.DENIED

    bucket.get_permission = permission_of
    try:
        return delete_many(response, bucket_name)
    finally:
        del bucket.get_permission


class AbsentKey:
    def __init__(self, name):
        self.name = name


def create(backend, *args, **kwargs):
    if backend.account_id == FULL_ACCOUNT:
        raise refusal(400, "TooManyBuckets", "You have attempted to create more buckets than allowed")
    return create_bucket(backend, *args, **kwargs)


def install():
    ActionAuthenticatorMixin._authenticate_and_authorize_s3_action = authorize
    S3Response.all_buckets = list_all
    S3Response._bucket_response_delete_keys = delete_keys
    S3Backend.delete_object = delete
    S3Backend.create_bucket = create

"""Policies as IAM evaluates them: an explicit deny wins, then an allow counts, and unmet conditions make no statement."""

import fnmatch
import json


def document(policy):
    return policy if isinstance(policy, dict) else json.loads(policy)


def allows(documents, action, resource, context, principals=None):
    """`principals`: the names of the caller, where statements have a Principal: policies of roles' trust and of buckets."""
    allowed = False
    for policy in documents:
        for statement in _list(policy["Statement"]):
            if not _applies(statement, action, resource, context, principals):
                continue
            if statement["Effect"] == "Deny":
                return False
            allowed = True
    return allowed


def _applies(statement, action, resource, context, principals):
    if not _any(statement["Action"], action.lower(), str.lower):
        return False
    # Trust policies have no resource, and those of users and roles no principal.
    if "Resource" in statement and not _any(statement["Resource"], resource):
        return False
    if principals is not None and not _names(statement["Principal"], principals):
        return False
    conditions = statement.get("Condition", {})
    return all(
        _holds(operator, key, expected, context)
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


def _names(expected, principals):
    """`{"AWS": arn}`, `{"Federated": arn}` or `*`."""
    if expected == "*":
        return True
    return any(name == "*" or name in principals for names in expected.values() for name in _list(names))


def _holds(operator, key, expected, context):
    actual = context.get(key)
    if operator == "Null":
        return (actual is None) == (str(expected).lower() == "true")
    if operator.endswith("IfExists"):
        if actual is None:
            return True
        operator = operator.removesuffix("IfExists")
    same = {
        "StringEquals": lambda value: actual == value,
        "StringLike": lambda value: fnmatch.fnmatchcase(actual, value),
    }
    negated = operator.startswith("StringNot")
    compare = same[operator.replace("Not", "")]
    if actual is None:
        return negated
    return any(compare(value) for value in _list(expected)) != negated


def _any(patterns, value, normal=str):
    return any(fnmatch.fnmatchcase(value, normal(pattern).replace("[", "[[]")) for pattern in _list(patterns))


def _list(value):
    return value if isinstance(value, list) else [value]

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
    if not any(_like(action.lower(), pattern.lower()) for pattern in _list(statement["Action"])):
        return False
    # Trust policies have no resource, and those of users and roles no principal.
    if "Resource" in statement and not any(_like(resource, pattern) for pattern in _list(statement["Resource"])):
        return False
    if principals is not None and not _names(statement["Principal"], principals):
        return False
    conditions = statement.get("Condition", {})
    return all(
        any(OPERATORS[operator](context.get(key), value) for value in _list(expected))
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


def _names(expected, principals):
    """`{"AWS": arn}`, `{"Federated": arn}` or `*`."""
    if expected == "*":
        return True
    return any(name == "*" or name in principals for names in expected.values() for name in _list(names))


def _like(value, pattern):
    return value is not None and fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


# Those that tests need; others fail loudly.
OPERATORS = {"StringEquals": lambda value, expected: value == expected, "StringLike": _like}


def _list(value):
    return value if isinstance(value, list) else [value]

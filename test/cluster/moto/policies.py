"""Policies as IAM evaluates them: a deny wins over an allow, and a statement with an unmet condition is ignored."""

import fnmatch
import json


def document(policy):
    return policy if isinstance(policy, dict) else json.loads(policy)


def allows(documents, action, resource, context, principals=None):
    """`principals`: the names of the caller, for trust and bucket policies, whose statements have a Principal."""
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
    # Trust policies have no Resource; policies of users and roles have no Principal.
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
    """True if `expected` names the caller: it is `{"AWS": arn}`, `{"Federated": arn}` or `*`."""
    if expected == "*":
        return True
    return any(name == "*" or name in principals for names in expected.values() for name in _list(names))


def _like(value, pattern):
    return value is not None and fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


# The operators that tests need; any other one fails with a KeyError.
OPERATORS = {
    "StringEquals": lambda value, expected: value == expected,
    "StringLike": _like,
    "ForAnyValue:StringEquals": lambda values, expected: expected in (values or []),
}


def _list(value):
    return value if isinstance(value, list) else [value]

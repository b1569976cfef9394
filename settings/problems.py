"""Turns a settings error into one line per problem: key, value, remedy."""

from pydantic import ValidationError


def explain(error: ValueError) -> str:
    """One line per wrong or unknown setting."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "\n".join(_line(".".join(map(str, item["loc"])), item["input"], item["type"], item["msg"]) for item in error.errors())


def _line(field: str, value: object, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"unknown setting MAINT_{field.upper()}: remove it or correct its name (README, settings)"
    return f"setting {field} = {value!r}: {message}"

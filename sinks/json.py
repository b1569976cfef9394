"""Values that JSON can hold."""

import math
from typing import Any

from sinks.names import text


def finite(value: Any) -> Any:  # noqa: ANN401  JSON is any shape
    """NaN and infinities as the words PostgreSQL reads as numbers again.

    >>> finite({"surprise": float("nan"), "share": 0.5})
    {'surprise': 'NaN', 'share': 0.5}
    """
    match value:
        case dict():
            return {text(name): finite(item) for name, item in value.items()}
        case list():
            return [finite(item) for item in value]
        case str():
            return text(value)
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case _:
            return value

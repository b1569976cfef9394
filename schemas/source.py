"""Python source of one function, written line by line and compiled: how `dataclasses` makes its methods."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Namespace = dict[str, Any]


class Source:
    """A function in the making. Only names made here and literals of schemas enter the text, the latter by `repr`.

    Args:
        signature: of the function, as `name(arguments)`.
        namespace: what the text may call.
    """

    def __init__(self, signature: str, namespace: Namespace) -> None:
        self._lines = [f"def {signature}:"]
        self._namespace = dict(namespace)
        self._depth = 1
        self._names = 0

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines added inside stand below `head`."""
        self.line(f"{head}:")
        self._depth += 1
        yield
        self._depth -= 1

    def name(self) -> str:
        """A local that nothing else has."""
        self._names += 1
        return f"v{self._names}"

    def constant(self, value: object) -> str:
        """Name under which the text finds a value."""
        name = f"{self.name()}_"
        self._namespace[name] = value
        return name

    def function(self) -> Callable[..., Any]:
        """The compiled function."""
        name = self._lines[0][4:].partition("(")[0]
        exec("\n".join(self._lines), self._namespace)  # noqa: S102  text of ours only, see the class
        made: Callable[..., Any] = self._namespace[name]
        return made

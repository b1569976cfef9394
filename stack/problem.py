"""What a person must remedy before the stack can run."""


class StackError(Exception):
    """The stack cannot go on without a hand: says what is wrong and what to do about it.

    Raised when a tool, a package, a download or a folder is missing, or a server does not become healthy.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}: {remedy}")
        self.what = what
        self.remedy = remedy

"""Address of a database server, taken apart and put together for programs that want it in another form."""

from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """A PostgreSQL URL.

    >>> address = Address("postgresql://ann:b%40d@db:5433/plant?sslmode=require")
    >>> address.with_database("registry")
    'postgresql://ann:b%40d@db:5433/registry?sslmode=require'
    >>> address.user, address.password
    ('ann', 'b@d')
    >>> address.without_user("registry")
    'postgresql://db:5433/registry?sslmode=require'
    """

    url: str

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def user(self) -> str:
        """Name of the user, empty when there is none."""
        return unquote(self._parts.username or "")

    @property
    def password(self) -> str:
        """Password, empty when there is none."""
        return unquote(self._parts.password or "")

    def with_database(self, name: str) -> str:
        """The same server, another database."""
        return self._parts._replace(path=f"/{name}").geturl()

    def without_user(self, name: str) -> str:
        """The same server without user and password, for programs that take them apart from the address."""
        host = self._parts.netloc.rpartition("@")[2]
        return self._parts._replace(netloc=host, path=f"/{name}").geturl()

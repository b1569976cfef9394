"""An object store with S3's interface: SeaweedFS as one process on the loopback."""

import tempfile
from pathlib import Path

from stack import web
from stack.instance import Instance
from stack.package import script
from stack.service import Service

BUCKET = "mlflow"
PORTS = {
    "-s3.port": "s3",
    "-master.port": "s3-master",
    "-volume.port": "s3-volume",
    "-filer.port": "s3-filer",
    "-admin.port": "s3-admin",
    "-metricsPort": "s3-metrics",
}
OFF = ("-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-master.telemetry=false")  # telemetry is on by default
MEMORY = {"GOMEMLIMIT": "160MiB", "GOGC": "50"}  # else it keeps half a gigabyte after a large upload


def url(instance: Instance) -> str:
    """Address of the instance's own object store."""
    return f"http://127.0.0.1:{instance.ports['s3']}"


def keys(instance: Instance) -> dict[str, str]:
    """Access key and secret as environment variables."""
    return {"AWS_ACCESS_KEY_ID": instance.secret("s3-user"), "AWS_SECRET_ACCESS_KEY": instance.secret("s3-password")}


def service(instance: Instance) -> Service:
    """The object store. Its inner ports have no password: they listen on the loopback only."""
    ports = [f"{option}={instance.ports[name]}" for option, name in PORTS.items()]
    listen = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports]
    return Service(
        name="s3",
        command=[script("weed"), "mini", f"-dir={instance.data}/s3", *listen, *OFF, f"-bucket={BUCKET}"],
        environment={**keys(instance), **MEMORY},
        stop_s=30,
        probe=lambda: probe(url(instance)),
        prepare=lambda: prepare(instance),
    )


def prepare(instance: Instance) -> None:
    """Create the data folder; remove sockets of an earlier run, which would stop it from starting."""
    (instance.data / "s3").mkdir(mode=0o700, exist_ok=True)
    clean(instance)


def clean(instance: Instance) -> None:
    """Remove the sockets it leaves in the system's temporary folder."""
    for name in PORTS.values():
        for socket in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{instance.ports[name]}.sock"):
            socket.unlink(missing_ok=True)


def probe(address: str) -> str:
    """Empty when it answers; refusing a stranger is an answer."""
    return web.problem(address, welcome=(200, 403))

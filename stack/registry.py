"""A schema registry with Confluent's interface (Apicurio), keeping its data in our PostgreSQL."""

from stack import jars, java, web
from stack.address import Address
from stack.instance import Instance
from stack.service import Service

DATABASE = "registry"
REMEDY = "give access to a Maven repository (MAVEN_REPOSITORY), or set SCHEMA_REGISTRY_URL"
MACHINE = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")  # ended, it is started anew


def url(instance: Instance) -> str:
    """Address of the instance's own registry."""
    return f"http://127.0.0.1:{instance.ports['registry']}/apis/ccompat/v7"


def probe(address: str) -> str:
    """Empty when the registry answers, else the reason why not."""
    return web.problem(f"{address.rstrip('/')}/subjects")


def service(instance: Instance, database: Address) -> Service:
    """The registry; `database` is the server that holds its tables."""
    folder = jars.fetch("registry", remedy=REMEDY)
    temporary = instance.run / "registry"  # in the system's own folder it stumbles over what another user's left
    listen = [
        "-Dquarkus.http.host=127.0.0.1",
        f"-Dquarkus.http.port={instance.ports['registry']}",
        "-Dquarkus.management.host=127.0.0.1",  # a second listener, else on all interfaces
        f"-Dquarkus.management.port={instance.ports['registry-management']}",
    ]
    return Service(
        name="registry",
        command=[java.executable(), *MACHINE, f"-Djava.io.tmpdir={temporary}", *listen, "-jar", folder / "quarkus-run.jar"],
        environment={
            "APICURIO_STORAGE_KIND": "sql",
            "APICURIO_STORAGE_SQL_KIND": "postgresql",
            "APICURIO_DATASOURCE_URL": f"jdbc:{database.without_user(DATABASE)}",
            "APICURIO_DATASOURCE_USERNAME": database.user,
            "APICURIO_DATASOURCE_PASSWORD": database.password,
        },
        exit_codes=(0, 143),
        needs=("postgres",),
        probe=lambda: probe(url(instance)),
        prepare=lambda: temporary.mkdir(mode=0o700, exist_ok=True),
    )

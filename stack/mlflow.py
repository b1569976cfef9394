"""The MLflow server: tracking and registry of models; tables in PostgreSQL, artifacts in the object store."""

from stack import s3, web
from stack.address import Address
from stack.instance import Instance
from stack.package import folder, script
from stack.service import Service

DATABASE = "mlflow"


def url(instance: Instance) -> str:
    """Address of the instance's own server."""
    return f"http://127.0.0.1:{instance.ports['mlflow']}"


def service(instance: Instance, database: Address) -> Service:
    """The server with one worker and without its job runner, which takes twice the memory."""
    folder("psycopg2")
    store = database.with_database(DATABASE).replace("postgresql://", "postgresql+psycopg2://", 1)
    return Service(
        name="mlflow",
        command=[script("mlflow"), "server", "--host", "127.0.0.1", "--port", str(instance.ports["mlflow"]), "--workers", "1"],
        environment={
            **s3.keys(instance),
            "AWS_DEFAULT_REGION": "us-east-1",
            "MLFLOW_S3_ENDPOINT_URL": s3.url(instance),
            "MLFLOW_BACKEND_STORE_URI": store,
            "MLFLOW_ARTIFACTS_DESTINATION": f"s3://{s3.BUCKET}/artifacts",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        },
        stop_s=20,
        group_stop=True,
        needs=("postgres", "s3"),
        wait_s=300,
        probe=lambda: web.problem(f"{url(instance)}/health"),
    )

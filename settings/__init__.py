"""One frozen Settings object: environment first, then the instance's own file, then the default.

Unknown MAINT_ keys are errors. Secrets are SecretStr and never have a default.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from settings.instance import home_default, instance_values

STANDARD = {  # settings that keep the name every other tool uses
    "kafka_bootstrap_servers": "KAFKA_BOOTSTRAP_SERVERS",
    "kafka_security_protocol": "KAFKA_SECURITY_PROTOCOL",
    "kafka_sasl_mechanism": "KAFKA_SASL_MECHANISM",
    "kafka_sasl_username": "KAFKA_SASL_USERNAME",
    "kafka_sasl_password": "KAFKA_SASL_PASSWORD",
    "kafka_ssl_ca_location": "KAFKA_SSL_CA_LOCATION",
    "database_url": "DATABASE_URL",
    "schema_registry_url": "SCHEMA_REGISTRY_URL",
    "otlp_endpoint": "OTEL_EXPORTER_OTLP_ENDPOINT",
    "mlflow_tracking_uri": "MLFLOW_TRACKING_URI",
    "s3_endpoint_url": "AWS_ENDPOINT_URL_S3",
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_region": "AWS_DEFAULT_REGION",
}


class Settings(BaseSettings):
    """Every setting with unit and default; the README's table is generated from here."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=home_default, description="Folder of this instance: data, logs, secrets.")
    namespace: str = Field(
        "",
        pattern=r"^([a-z0-9][a-z0-9_-]{0,30}\.)?$",
        description="Prefix of all topics and groups, ending in a dot; lets instances share a cluster.",
    )

    kafka_bootstrap_servers: str = Field("", description="Brokers of an existing cluster; empty: the instance's own.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="Protocol to the brokers."
    )
    kafka_sasl_mechanism: str = Field("", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")
    kafka_sasl_username: str = Field("", description="User at the brokers.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="Password at the brokers.")
    kafka_ssl_ca_location: str = Field("", description="PEM file of the authority that signed the brokers' certificates.")
    database_url: SecretStr = Field(SecretStr(""), description="PostgreSQL or TimescaleDB; empty: the instance's own.")
    schema_registry_url: str = Field("", description="Confluent-compatible schema registry; empty: local schemas only.")
    otlp_endpoint: str = Field("", description="OpenTelemetry collector; empty: no traces.")

    partitions: int = Field(24, ge=1, le=1000, description="Partitions of every topic of this version.")
    replication_factor: int = Field(1, ge=1, le=9, description="Copies of every topic.")
    topic_retention_days: float = Field(7, gt=0, description="Days a topic keeps its records.")
    topic_retention_bytes: int = Field(2 * 1024**3, ge=1024**2, description="Bytes a topic keeps, over all partitions.")

    chunk_records_max: int = Field(5000, ge=1, le=100_000, description="Records of one partition handed to an agent at once.")
    record_bytes_max: int = Field(1_000_000, ge=1000, description="A larger record is refused as oversized.")
    block_bytes_max: int = Field(900_000, ge=10_000, description="Largest output record.")
    fetch_wait_ms: int = Field(100, ge=1, le=5000, description="Longest a broker waits to fill a fetch.")
    fetch_bytes_min: int = Field(1_000_000, ge=1, description="Bytes a broker tries to collect for a fetch.")
    snapshot_seconds_min: float = Field(1.0, gt=0, description="Shortest time between two snapshots of a partition.")
    snapshot_bytes_per_s: float = Field(5e6, gt=0, description="Snapshots are spaced so that their bytes stay below this rate.")
    session_timeout_s: float = Field(10, ge=1, description="A silent worker loses its partitions after this time.")
    topic_check_s: float = Field(5, gt=0, description="Longest time between two checks of a topic's identity.")

    future_s_max: float = Field(300, ge=0, description="A reading further ahead of the broker's clock is refused.")
    false_episodes_per_sensor_year: float = Field(1.0, gt=0, description="Budget from which the surprise threshold of a sensor follows.")

    database_flavour: Literal["auto", "timescale", "plain"] = Field(
        "auto", description="Tables for TimescaleDB or for PostgreSQL alone; auto: what the server offers. Decided once."
    )
    database_retention_days: float = Field(0, ge=0, description="Days after which measurements known for longer are deleted; 0: never.")
    spectrum_retention_days: float = Field(0, ge=0, description="Days after which spectra known for longer are deleted; 0: never.")

    sink_rows_max: int = Field(20_000, ge=100, description="Rows of one transaction.")
    sink_wait_s: float = Field(0.1, gt=0, description="Longest the sink waits for a record before it looks after other things.")
    sink_missing_s: float = Field(60, gt=0, description="A hole in the source offsets older than this is reported as loss.")

    mlflow_tracking_uri: str = Field("", description="MLflow server or database of runs and models; empty: SQLite below the home.")
    artifacts_url: str = Field(
        "", pattern=r"^(s3://[^/]+(/.*)?)?$", description="s3://bucket/folder that models are written to; empty: MLflow's own store."
    )
    archive_url: str = Field(
        "", pattern=r"^(s3://[^/]+(/.*)?)?$", description="s3://bucket/folder of archived waveforms; empty: folder archive of the home."
    )
    s3_endpoint_url: str = Field("", description="Object store with S3's interface; empty: Amazon's.")
    aws_access_key_id: str = Field("", description="Access key of the object store; empty: found as the AWS tools do.")
    aws_secret_access_key: SecretStr = Field(SecretStr(""), description="Its secret.")
    aws_region: str = Field("", description="Region of the object store; empty: found as the AWS tools do.")
    model_refresh_s: float = Field(60, gt=0, description="Time between two looks for other champions that no model event told of.")
    model_budget_ms: float = Field(100, gt=0, description="Longest a model may take for a batch of rows, then it is put aside.")
    model_retry_s: float = Field(60, gt=0, description="A model that was put aside is tried again after this time.")

    disk_budget_gb: float = Field(20, gt=0, description="Disk the instance may use before status warns.")
    log_bytes_max: int = Field(10_000_000, ge=10_000, description="Size at which a log is rotated; three are kept.")
    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else JSON.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Port of /metrics and /health of a process; 0: any free one.")

    @cached_property
    def kafka(self) -> dict[str, str]:
        """Client settings for confluent-kafka: servers and security."""
        known = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": self.kafka_security_protocol,
            "sasl.mechanism": self.kafka_sasl_mechanism,
            "sasl.username": self.kafka_sasl_username,
            "sasl.password": self.kafka_sasl_password.get_secret_value(),
            "ssl.ca.location": self.kafka_ssl_ca_location,
            "log_level": "2",  # what fails is told by the command that asked; retries are no news
        }
        return {key: value for key, value in known.items() if value}

    def topic(self, name: str) -> str:
        """The topic's name in this namespace."""
        return f"{self.namespace}{name}"


def load(**overrides: object) -> Settings:
    """Settings from overrides, environment and the instance's file, in this order.

    Raises:
        SystemExit: a key is unknown or a value does not fit; names key, value and what is allowed.
    """
    from settings.problems import explain  # noqa: PLC0415  only on the way out

    home = Path(str(overrides.get("home") or os.environ.get("MAINT_HOME") or home_default()))
    values: dict[str, Any] = {"home": home, **instance_values(home), **environment(), **overrides}
    try:
        return Settings(**values)
    except ValueError as error:
        raise SystemExit(explain(error)) from None


def environment() -> dict[str, str]:
    """Settings found in the environment: standard names and MAINT_<NAME>."""
    named = {field: os.environ[name] for field, name in STANDARD.items() if os.environ.get(name)}
    prefix = "MAINT_"
    own = {name.removeprefix(prefix).lower(): value for name, value in os.environ.items() if name.startswith(prefix)}
    own.pop("home", None)
    return {**named, **own}

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import STANDARD, Settings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "compose.kafka.yml"
TEXT = FILE.read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONE_SHOT = {"migrate"}
EXAMPLE = ROOT / "deploy" / "compose.env.example"


def of(services: dict[str, dict[str, Any]]) -> list[Any]:
    return [pytest.param(name, service, id=name) for name, service in services.items()]


def commands(service: dict[str, Any]) -> list[list[str]]:
    command = service["command"]
    line = command[2] if command[:2] == ["sh", "-c"] else shlex.join(command)
    return [shlex.split(part) for part in line.split("&&")]


def test_everything_the_main_job_needs_is_there() -> None:
    assert set(SERVICES) == {"kafka", "timescaledb", "registry", "grafana", "migrate", "data", "control", "sink", "simulator"}
    assert SERVICES["simulator"]["profiles"] == ["demo"]
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["simulator"]


@pytest.mark.parametrize(("name", "service"), of(SERVICES))
def test_every_service_is_watched_limited_and_rotated(name: str, service: dict[str, Any]) -> None:
    assert ("healthcheck" in service) != (name in ONE_SHOT)
    assert service["mem_limit"]
    assert service["cpus"]
    assert service["restart"] == ("on-failure:5" if name in ONE_SHOT else "unless-stopped")
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


@pytest.mark.parametrize(("name", "service"), of(SERVICES))
def test_images_are_pinned_by_a_full_version(name: str, service: dict[str, Any]) -> None:
    image, _, tag = service["image"].partition(":")
    assert image, name
    assert re.fullmatch(r"\d+\.\d+\.\d+(-pg\d+)?", tag)


@pytest.mark.parametrize(("name", "service"), of(SERVICES))
def test_ports_are_published_on_loopback_only(name: str, service: dict[str, Any]) -> None:
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:"), name


@pytest.mark.parametrize(("name", "service"), of(OURS))
def test_ours_run_without_rights(name: str, service: dict[str, Any]) -> None:
    assert service["read_only"] is True, name
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(volume.endswith(":/home/maint") for volume in service["volumes"])


@pytest.mark.parametrize(("name", "service"), of(OURS))
def test_environment_holds_settings_only(name: str, service: dict[str, Any]) -> None:
    standard = {variable: field for field, variable in STANDARD.items()}
    for variable in service["environment"]:
        field = standard.get(variable) or variable.removeprefix("MAINT_").lower()
        assert field in Settings.model_fields, f"{name}: {variable} is no setting"


@pytest.mark.parametrize(("name", "service"), of(OURS))
def test_commands_exist(name: str, service: dict[str, Any]) -> None:
    import typer.main

    from cli.main import app

    for words in commands(service):
        assert words[0] == "maint", name
        command: Any = typer.main.get_command(app)
        for word in words[1:]:
            if not hasattr(command, "commands"):
                break  # an argument
            assert word in command.commands, f"{name}: {' '.join(words)} is no command"
            command = command.commands[word]


def test_health_checks_ask_the_port_that_is_set() -> None:
    for service in OURS.values():
        probe = str(service.get("healthcheck", {}).get("test"))
        if "urlopen" in probe:
            assert f":{service['environment']['MAINT_METRICS_PORT']}/health/ready" in probe


def test_secrets_are_required_have_no_default_and_are_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    assert set(re.findall(r"\$\{(\w+):\?set it in deploy/compose\.env\}", TEXT)) == used
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if line and not line.startswith("#")} == {f"{name}=" for name in used}
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                assert value.startswith("${"), variable


def test_named_volumes_and_mounted_files_exist() -> None:
    named = set(yaml.safe_load(TEXT)["volumes"])
    used = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
            else:
                used.add(source)
    assert used == named


def test_services_wait_for_what_they_need() -> None:
    for name in ("data", "control", "sink", "simulator"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == ("service_completed_successfully" if needed in ONE_SHOT else "service_healthy")


def test_image_is_built_from_the_lock_with_hashes_by_an_unprivileged_user() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert text.count("FROM ${PYTHON_IMAGE}") == 2
    assert "--require-hashes" in text
    assert "USER 10001:10001" in text
    assert "warm()" in text
    assert "latest" not in text


def test_image_holds_every_room() -> None:
    rooms = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]["find"]["include"]
    lines = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert {pattern.rstrip("*") for pattern in rooms} <= kept
    assert all((ROOT / name).exists() for name in kept)

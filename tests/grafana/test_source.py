from pathlib import Path

import pytest
import yaml

from grafana.board import TAG
from grafana.panels import SOURCE
from grafana.source import source

PROVISIONING = Path(__file__).parents[2] / "grafana" / "provisioning"


def test_database_stands_where_old_and_new_grafana_look() -> None:
    made = source("postgresql://reader:p%40ss@db.example/maint?sslmode=require")
    assert made["database"] == made["jsonData"]["database"] == "maint"
    assert made["url"] == "db.example:5432"
    assert made["user"] == "reader"
    assert made["secureJsonData"] == {"password": "p@ss"}
    assert made["jsonData"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["", "maint", "postgresql:///maint", "postgresql://db.example"])
def test_an_incomplete_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must have the form"):
        source(url)


def test_provisioned_source_has_the_same_keys_and_no_secret() -> None:
    (provisioned,) = yaml.safe_load((PROVISIONING / "datasources" / "maintenance.yaml").read_text(encoding="utf-8"))["datasources"]
    made = source("postgresql://reader:secret@db.example/maint")
    assert set(made) <= set(provisioned)
    assert set(made["jsonData"]) <= set(provisioned["jsonData"])
    assert {key: provisioned[key] for key in SOURCE} == SOURCE
    assert provisioned["database"] == provisioned["jsonData"]["database"]
    assert provisioned["secureJsonData"] == {"password": "${GRAFANA_DATABASE_PASSWORD}"}


def test_provisioned_dashboards_lie_where_compose_mounts_them() -> None:
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "maintenance.yaml").read_text(encoding="utf-8"))["providers"]
    compose = yaml.safe_load((PROVISIONING.parents[1] / "compose.kafka.yml").read_text(encoding="utf-8"))["services"]["grafana"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in compose["volumes"]}
    assert mounted[provider["options"]["path"]] == "./grafana/dashboards"
    assert provider["folderUid"] == TAG
    home = compose["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (PROVISIONING.parent / "dashboards" / Path(home).name).exists()
    variables = {word[2:-1] for word in (PROVISIONING / "datasources" / "maintenance.yaml").read_text().split() if word.startswith("${")}
    assert variables <= set(compose["environment"])

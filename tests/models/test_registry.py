from pathlib import Path
from urllib.parse import urlsplit

import pytest

from models.artifact import ArtifactError
from models.registry import Registry
from models.runs import register
from models.tracking import RegistryError
from models.version import Version
from settings import Settings, load
from tests.models import sample


def files(known: Version) -> Path:
    return Path(urlsplit(known.source).path)


@pytest.fixture
def known(registry: Registry) -> Version:
    return register(registry, sample.trained(), seed=3)


def test_what_was_registered_is_listed(registry: Registry, known: Version) -> None:
    (found,) = registry.versions()
    assert found == known == registry.version("pump_wear", "champion")
    assert found.card == sample.card()
    assert (found.number, found.seed, found.gate, found.inputs) == (1, 3, "passed", sample.INPUTS)
    assert found.digest == sample.artifact().digest()
    row = found.row()
    assert (row["metric"], row["value"], row["baseline"], row["serves"]) == ("F1", 0.8, 0.5, "any")
    assert row["signature"] == {"inputs": list(sample.INPUTS), "outputs": ["probability"]}


def test_the_run_holds_what_a_person_looks_for(registry: Registry, known: Version) -> None:
    run = registry.client.get_run(known.run)
    assert run.data.params == {"C": "1.0", "seed": "3"}
    assert run.data.metrics["0 generated/F1"] == 0.8
    assert run.data.metrics["0 generated/F1.trivial"] == 0.5
    assert {entry.path for entry in registry.client.list_artifacts(known.run)} == {
        "card.json",
        "input_example.json",
        "model",
        "plots",
        "signature.json",
    }


def test_what_was_registered_is_loaded(registry: Registry, known: Version) -> None:
    assert registry.load(known).files() == sample.artifact().files()


def test_a_truncated_file_is_refused(registry: Registry, known: Version) -> None:
    path = files(known) / "model.onnx"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ArtifactError, match="altered or cut short"):
        registry.load(known)


def test_a_pickle_in_its_place_is_refused(registry: Registry, known: Version) -> None:
    (files(known) / "python_model.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(ArtifactError, match="pickles never are"):
        registry.load(known)


def test_equal_models_are_one_version(registry: Registry, known: Version) -> None:
    assert register(registry, sample.trained(row_us=9.0), seed=3) == known
    assert register(registry, sample.trained(value=0.81), seed=3).number == 2


def test_an_example_of_another_shape_is_refused(registry: Registry) -> None:
    given = sample.trained()
    with pytest.raises(ArtifactError, match="2 inputs"):
        register(registry, type(given)(given.artifact, given.card, given.example[:, :1], {}), seed=0)


def test_models_of_others_are_left_out(registry: Registry) -> None:
    registry.client.create_registered_model("theirs")
    registry.client.create_model_version("theirs", "file:///nowhere", await_creation_for=0)
    assert registry.versions() == []


def test_namespaces_share_a_server(settings: Settings, registry: Registry, known: Version) -> None:
    other = Registry(load(home=settings.home, namespace="b."))
    assert other.versions() == []
    again = register(other, sample.trained(), seed=3)
    assert (again.name, again.number, again.source != known.source) == ("pump_wear", 1, True)
    assert registry.client.search_registered_models(filter_string="name = 'b.pump_wear'")
    assert registry.versions() == [known]


def test_names_of_assets_fit(registry: Registry) -> None:
    name = "level2_line 1/P:101 'old'"
    assert register(registry, sample.trained(name), seed=0) == registry.version(name, 1)


@pytest.mark.usefixtures("known")
def test_an_unknown_version_is_told(registry: Registry) -> None:
    with pytest.raises(RegistryError, match=r"pump_wear has no version '7'; there are: 1 champion"):
        registry.version("pump_wear", "7")


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    away = Registry(load(home=tmp_path, mlflow_tracking_uri="http://127.0.0.1:9"))
    with pytest.raises(RegistryError, match=r"http://127\.0\.0\.1:9"):
        away.versions()


def test_no_process_of_ours_reads_pickles(registry: Registry) -> None:
    from mlflow.environment_variables import MLFLOW_ALLOW_PICKLE_DESERIALIZATION

    assert registry.client
    assert MLFLOW_ALLOW_PICKLE_DESERIALIZATION.get() is False


def test_a_machine_without_the_packages_is_told_the_remedy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.tracking.find_spec", lambda _: None)
    with pytest.raises(RegistryError, match="make full"):
        Registry(settings)

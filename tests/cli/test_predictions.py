"""Predictions as a person asks for them."""

import json

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from settings import Settings
from sinks import predictions
from sinks.table import TableSink
from store.database import connect
from tests.processors.plant import machine
from tests.processors.test_prediction import days, run
from tests.sinks.building import records

pytestmark = pytest.mark.integration


def told(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(app, ["predictions", *words], env={"MAINT_HOME": str(settings.home), "COLUMNS": "400"})


def test_a_prediction_is_found_by_asset_and_id(instance_ready: Settings) -> None:
    from schemas.codec import encode

    assert "no prediction yet" in told(instance_ready, "list").output
    made = [each for asset in ("P1", "P2") for each in run({}, days(20, 0.6, asset=asset, every=6), machine(asset="P1"))[-2:]]
    with connect(instance_ready) as connection:
        sink = TableSink(instance_ready, predictions.TABLE)
        sink.load(connection, "topic", [0])
        sink.write(connection, records([encode("Prediction", each) for each in made]))

    listed = json.loads(told(instance_ready, "list", "--json").output)
    assert sorted(each["asset"] for each in listed) == ["P1", "P2"]
    soonest = json.loads(told(instance_ready, "list", "--soonest", "--asset", "P1", "--json").output)
    assert soonest[0]["limit_sensor"] == "P1.temp"
    assert soonest[0]["limit_low_d"] <= soonest[0]["limit_d"] <= soonest[0]["limit_high_d"]

    shown = json.loads(told(instance_ready, "show", "P1", "--json").output)
    assert shown["prediction_id"] == made[1]["prediction_id"]
    earlier = json.loads(told(instance_ready, "show", made[0]["prediction_id"][:13], "--json").output)
    assert earlier["limit_d"] == pytest.approx(made[0]["limit_d"])
    with connect(instance_ready) as connection:
        rows = connection.execute("select sensor, ahead_h, value, method from plant.forecast where asset = 'P1'").fetchall()
    stated = [each for one in made[:2] for each in one["forecasts"]]
    assert len(rows) == len(stated) > 0
    assert sorted(rows) == sorted((each["sensor_id"], each["ahead_h"], each["value"], each["method"]) for each in stated)
    assert shown["forecast_reason"] == "no forecast model"
    page = told(instance_ready, "show", "P1").output
    assert "Relubricate." in page
    assert "P1.temp" in page
    assert "no prediction of an asset" in str(told(instance_ready, "show", "nobody").exception)

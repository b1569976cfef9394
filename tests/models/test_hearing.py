import json
from dataclasses import replace

from models.detectors import threshold
from models.fit import fit
from models.generated.fleet import baseline
from models.hearing import UNHEARD, doubt, tag, unheard, warnings

COLUMNS = 8


def test_a_detector_that_hears_usual_shifts_is_not_warned_of() -> None:
    card = fit(baseline(0, days=10.0)).card
    unheard_of = json.loads(card.tags.get(UNHEARD, "{}"))
    assert all(len(names) < COLUMNS for names in unheard_of.values())
    assert warnings(card, COLUMNS) == []
    assert doubt(card, COLUMNS, 1) == {}


def test_a_threshold_that_nothing_usual_reaches_is_told() -> None:
    reference = baseline(0, days=10.0)
    trained = fit(reference)
    found = unheard(reference, threshold(trained.artifact, 1000.0))
    assert found == {"running": list(reference.columns)}
    deaf = replace(trained.card, tags=tag(found))
    told = warnings(deaf, COLUMNS)
    assert [each.split(":")[0] for each in told] == ["nearly deaf in mode running"]
    assert doubt(deaf, COLUMNS, 1) == {"gate": told[0]}, "what never rings is no champion"
    assert doubt(deaf, COLUMNS, 2) == {}, "it hears in another mode"


def test_an_input_that_counts_little_is_named_without_a_warning() -> None:
    card = fit(baseline(0, days=10.0), "half_space_trees").card
    assert json.loads(card.tags[UNHEARD]) == {"running": ["P-101.s0.mean"]}
    assert warnings(card, COLUMNS) == []

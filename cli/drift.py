"""maint models drift: has a machine moved away from what its detector learnt?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.database import reading
from cli.output import AsJson, print_json, print_rows
from cli.registry import opened

if TYPE_CHECKING:
    from models.moved import Moved

EXAMPLES = """Examples:

maint models drift — every detector of a machine

maint models drift level2_P-101 --flag — and note it, so that `maint models retrain --due` trains it again
"""


def drift(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of models; default: all of machines.")] = None,
    flag: Annotated[bool, typer.Option("--flag", help="Note what moved with the model.")] = False,
    as_json: AsJson = False,
) -> None:
    """Inputs and scores of the champions of machines in the normal windows since their reference, 14 days at most.

    Only what is stored is looked at: no verdicts of people on single scores are, so errors of models are not among it.
    """
    from models import refit, relearn
    from models.fit import FitError
    from models.moved import watch

    rows: list[dict[str, Any]] = []
    with opened() as registry, reading() as connection:
        known = [each for each in relearn.champions(registry) if relearn.own(each) and (not names or each.name in names)]
        strange = set(names or ()) - {each.name for each in known}
        if strange:
            raise typer.BadParameter(f"no detector of a machine: {', '.join(sorted(strange))}")
        for champion in known:
            try:
                given = refit.gather(connection, champion, datetime.now(UTC))
            except FitError as error:
                rows.append({"name": champion.name, "since": None, "columns": {}, "score": None, "windows": 0, "text": str(error)})
                continue
            found = watch(given, registry.load(champion))
            rows.append({"name": champion.name, **_told(found)})
            if flag and found.since is not None:
                relearn.flag(registry, champion.name, datetime.fromtimestamp(found.since, UTC))
    if as_json:
        print_json(rows)
        return
    shown = [{**row, "columns": ", ".join(row["columns"]), "text": row["text"]} for row in rows]
    for row in shown:
        row.pop("psi", None)
    print_rows(shown, as_json=False, title="drift", empty="no detector of a machine is registered: see `maint models fit --help`")


def _told(found: "Moved") -> dict[str, Any]:
    text = f"cannot be watched: {', '.join(found.restless)}" if found.restless else ""
    return {
        "since": _when(found.since),
        "columns": {name: _when(moment) for name, moment in found.columns.items()},
        "score": _when(found.score),
        "windows": found.windows,
        "text": text,
        "psi": found.psi,
    }


def _when(moment: float | None) -> str | None:
    """UTC with seconds.

    >>> _when(0.0), _when(None)
    ('1970-01-01T00:00:00+00:00', None)
    """
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")

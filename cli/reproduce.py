"""maint models reproduce: a stored prediction, computed once more from its own row."""

from typing import Annotated

import typer

from cli.database import reading
from cli.output import AsJson, print_json, print_rows
from cli.registry import opened


def reproduce(
    name: Annotated[
        str, typer.Argument(metavar="PREDICTION_ID", help="Id of a prediction, or its beginning; see `maint predictions list`.")
    ],
    as_json: AsJson = False,
) -> None:
    """Compute a stored prediction once more: same version, same files, same inputs, same series. Exit code 1: not equal bit by bit.

    What does not follow from the row, its forecasts say, is named as not computed again.

    Example: maint models reproduce 5f0d2a3c
    """
    from models.reproduce import answered, compared, skipped
    from processors.hazard import chances
    from store import look

    with reading() as connection:
        rows = look.rows(connection, look.PREDICTION_ID, (look.like(name) + "%",))
    if len(rows) != 1:
        raise SystemExit(f"{'more than one' if rows else 'no'} prediction with an id {name!r}: see `maint predictions list`")
    outputs = chances(rows[0]["inputs"])
    if rows[0]["model"]:
        with opened() as registry:
            outputs = answered(registry, rows[0])
    fields = list(compared(rows[0], outputs))
    equal = all(each.equal for each in fields)
    told = [{"field": each.name, "stored": each.stored, "computed": each.computed, "equal": each.equal} for each in fields]
    left = skipped(rows[0])
    if as_json:
        print_json({"equal": equal, "model": rows[0]["model"], "fields": told, "not_computed": left})
    else:
        print_rows(told, as_json=False, title="equal bit by bit" if equal else "NOT equal")
        print("not computed again:", *left, sep="\n- ")
    if not equal:
        raise typer.Exit(1)

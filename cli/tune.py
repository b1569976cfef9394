"""maint models tune: search for better parameters of a model."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.output import AsJson, print_json, print_rows
from cli.progress import bar

EXAMPLES = """Examples:

maint models tune rig_t2spe --trials 200 — goes on where an earlier search was interrupted

maint models tune rig_t2spe --trials 1000 --timeout 600 --json
"""


def tune(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a model.")],
    trials: Annotated[int, typer.Option(min=1, help="Finished trials of the study in all; those of earlier runs count.")] = 100,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", min=1, help="No trial begins after this time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Search on generated corpora, then judge the best parameters on a fresh one, beside the present ones and the trivial baseline.

    Nothing is changed or registered: the parameters are printed, and a person puts them into the recipe.
    The study is kept in models/tuning.db below the home; Ctrl-C loses only the trial at work.
    """
    from models.latch import BusyError
    from models.tuning import UntunedError, search
    from models.tuning import tune as run
    from settings import load

    try:
        space = search(name)
    except UntunedError as error:
        raise typer.BadParameter(error.args[0]) from None
    try:
        with bar(f"tuning {name}", unit="trials") as step:
            found = run(load(), name, space, trials=trials, timeout_s=timeout, step=step)
    except BusyError as error:
        typer.echo(f"maint: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        print_json(asdict(found))
        return
    judged = found.judged
    told = {"found": judged.value, "present": judged.present, "trivial": judged.trivial, "simple rule": judged.simple}
    print_rows(
        [{"parameters": who, judged.metric: f"{value:.4f}"} for who, value in told.items()],
        as_json=False,
        title=f"{name}, fresh corpus {found.looks}",
    )
    spread = f"{judged.gain_low:+.4f} to {judged.gain_high:+.4f}, 95 %" if judged.gain_low < judged.gain_high else "no spread"
    print(f"gain over the present ones: {judged.value - judged.present:+.4f} ({spread})")
    print(f"{found.trials} trials, {found.ran} of them now, {found.seconds:g} s")
    print_rows([{"parameter": key, "value": f"{value:.6g}"} for key, value in found.parameters.items()], as_json=False)

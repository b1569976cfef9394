"""maint models trial: a challenger answers for a share of the assets, and outcomes decide."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.announce import announce
from cli.output import AsJson, print_json, print_rows
from cli.registry import opened

if TYPE_CHECKING:
    from models.experiment import Trial
    from models.registry import Registry

app = typer.Typer(
    no_args_is_help=True,
    help="A trial of two versions on live assets: start, outcome, show, stop. Example: maint models trial start pump_wear --share 0.5",
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a model.")]
Who = Annotated[str, typer.Option(help="Your name.")]


@app.command()
def start(  # noqa: PLR0913, PLR0917  a command's options are its interface
    name: Name,
    version: Annotated[str, typer.Option("--version", help="Who challenges: number or alias.")] = "challenger",
    share: Annotated[float, typer.Option(min=0.01, max=0.99, help="Share of the assets that it answers for.")] = 0.5,
    who: Who = "",
    reason: Annotated[str, typer.Option(help="What is to be found out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let a challenger answer for a share of the assets from now on; a hash of trial and asset says which.

    Each record names the version that answered. For models of a class or of any asset; they must answer the same question.

    Examples: maint models trial start pump_wear — maint models trial start pump_wear --version 4 --share 0.2 --who 'R. Ortiz' --json
    """
    from models import experiment

    with opened() as registry:
        made = experiment.start(registry, name, version, share=share, who=who, reason=reason)
        announce(registry.settings, registry.version(name, made.challenger), "trial_started", who=who, reason=reason)
        _show(registry, made, as_json=as_json)


@app.command()
def outcome(
    name: Name,
    asset: Annotated[str, typer.Argument(help="The asset.")],
    value: Annotated[float, typer.Argument(min=0.0, max=1.0, help="How its version did there: 1 best, 0 worst.")],
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Note how the version did that answers for an asset: a warning confirmed 1, a false one 0. The first of each asset stands.

    Exit code 1: there was one already.

    Example: maint models trial outcome pump_wear P-101 1 --who 'R. Ortiz'
    """
    from models import experiment
    from models.trial import Outcome

    with opened() as registry:
        trial = _known(registry, name)
        kept = experiment.note(registry.settings, trial, Outcome(asset, value), who=who)
        if not kept:
            typer.echo(f"maint: {asset} has an outcome in this trial already; the first of each asset stands", err=True)
        _show(registry, trial, as_json=as_json)
    if not kept:
        raise typer.Exit(1)


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """The newest trial of a model and what its outcomes say; to be looked at as often as one likes.

    Examples: maint models trial show pump_wear — maint models trial show pump_wear --json
    """
    with opened() as registry:
        _show(registry, _known(registry, name), as_json=as_json)


@app.command()
def stop(name: Name, who: Who = "", as_json: AsJson = False) -> None:
    """Give all assets back to the champion and show the verdict. It promotes nobody: see `maint models promote`.

    Example: maint models trial stop pump_wear
    """
    from models import experiment

    with opened() as registry:
        ended = experiment.stop(registry, name)
        announce(registry.settings, registry.version(name, ended.challenger), "trial_stopped", who=who)
        _show(registry, ended, as_json=as_json)


def _known(registry: "Registry", name: str) -> "Trial":
    from models import experiment

    found = experiment.read(registry, name)
    if found is None:
        typer.echo(f"maint: {name}: there was no trial; see `maint models trial start --help`", err=True)
        raise typer.Exit(1)
    return found


def _show(registry: "Registry", trial: "Trial", *, as_json: bool) -> None:
    from models import experiment

    found = experiment.verdict(registry.settings, trial)
    told: dict[str, Any] = {**asdict(trial), "verdict": {**asdict(found), "decided": bool(found.better)}}
    if as_json:
        print_json(told)
        return
    state = f"ended {trial.until}" if trial.until else "running"
    print(f"{trial.name}: {state}; version {trial.challenger} has {trial.share:.0%} of the assets, version {trial.champion} the others")
    rows = [{"": key, "value": f"{value:.4g}" if isinstance(value, float) else value} for key, value in asdict(found).items()]
    print_rows(rows, as_json=False, title="challenger less champion")
    print(f"better: {found.better}" if found.better else "open: the outcomes so far do not decide")

"""maint models: what is registered, how good it is, and which version answers."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from cli import drift, fit, reproduce, retrain, trial, tune
from cli.announce import announce
from cli.output import AsJson, print_json, print_rows
from cli.registry import opened

if TYPE_CHECKING:
    from models.registry import Registry
    from models.version import Version

app = typer.Typer(
    no_args_is_help=True,
    help="Registered models: list, show, compare, fit, tune, retrain, promote, roll back. Example: maint models list --json",
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a model.")]
Wanted = Annotated[str, typer.Option("--version", help="Number or alias: champion, challenger, previous.")]
Who = Annotated[str, typer.Option(help="Your name; default: that of the account.")]


app.command(epilog=fit.EXAMPLES)(fit.fit)
app.command()(reproduce.reproduce)
app.command(epilog=tune.EXAMPLES)(tune.tune)
app.command(epilog=drift.EXAMPLES)(drift.drift)
app.command(epilog=retrain.EXAMPLES)(retrain.retrain)
app.add_typer(trial.app, name="trial")


@app.command("list")
def list_models(
    every: Annotated[bool, typer.Option("--all", help="Every version, not only the champion of each model.")] = False,
    as_json: AsJson = False,
) -> None:
    """One line per model: its champion, or its newest version where there is none.

    Examples: maint models list — maint models list --all --json
    """
    with opened() as registry:
        versions = registry.versions()
    chosen = versions if every else _foremost(versions)
    rows = [known.row() for known in chosen]
    if not as_json:
        rows = [_flat(row) for row in rows]
    print_rows(rows, as_json=as_json, title="models", empty="no model is registered: see `maint train --help`")


@app.command()
def show(name: Name, version: Wanted = "champion", as_json: AsJson = False) -> None:
    """The card of a version: figures beside their baselines, split, limits of use, signature, and where it came from.

    Examples: maint models show ai4i_margins_hgb — maint models show ai4i_margins_hgb --version 2 --json
    """
    with opened() as registry:
        known = registry.version(name, version)
    told = asdict(known) | {"aliases": sorted(known.aliases)}
    if as_json:
        print_json(told)
        return
    card = told.pop("card")
    figures = card.pop("figures")
    print_rows([{"": key, name: _text(value)} for key, value in {**card, **told}.items() if value], as_json=False)
    print_rows([{key: _text(value) for key, value in figure.items()} for figure in figures], as_json=False, title="figures")


@app.command()
def compare(
    name: Name,
    first: Annotated[str, typer.Argument(help="Number or alias.")] = "champion",
    second: Annotated[str, typer.Argument(help="Number or alias.")] = "challenger",
    as_json: AsJson = False,
) -> None:
    """Figures of two versions side by side, what the gate says of the second, and how both answered the same live rows.

    Examples: maint models compare pump_wear — maint models compare pump_wear 3 5 --json
    """
    from models import gate, shadow

    with opened() as registry:
        old, new = registry.version(name, first), registry.version(name, second)
        live = shadow.figures(registry.settings, name, old.number, new.number)
    rows = _beside(old, new)
    verdict = new.gate if new.against == old.number else gate.against(new.deciding, old)
    told = live.told() if live else None
    if as_json:
        print_json({"figures": rows, "gate": verdict, "same files": new.digest == old.digest, "shadow": told, "live": shadow.verdict(live)})
        return
    print_rows(rows, as_json=False, title=name)
    if told:
        print_rows([{"": key, "in shadow": _text(value)} for key, value in told.items()], as_json=False, title="same live rows")
        print(f"shadow: {shadow.verdict(live)}")
    print(f"gate for version {new.number}: {verdict}")


@app.command()
def recommend(  # noqa: PLR0913, PLR0917  a command's options are its interface
    task: Annotated[str, typer.Argument(help="anomaly, drift, forecast, classification, rul or health.")],
    inputs: Annotated[str, typer.Option(help="Names of the columns at hand in their order, with commas between.")],
    quantity: Annotated[list[str] | None, typer.Option(help="A quantity the asset's sensors measure; may be repeated.")] = None,
    asset: Annotated[str, typer.Option(help="The asset.")] = "",
    asset_class: Annotated[str, typer.Option("--class", help="Its class.")] = "",
    as_json: AsJson = False,
) -> None:
    """Which versions would be asked for a live asset, in this order, and why the others would not.

    Example: maint models recommend anomaly --inputs flow_l_min,power_kw --quantity flow --asset P-101 --class pump
    """
    from models.card import Task
    from models.choice import Need, order, refusal

    known_task: Task | None = next((known for known in get_args(Task) if known == task), None)
    if known_task is None:
        raise typer.BadParameter(f"{task!r} is none of {', '.join(get_args(Task))}")
    need = Need(known_task, tuple(inputs.split(",")), frozenset(quantity or ()), asset, asset_class)
    with opened() as registry:
        versions = registry.versions()
    chosen = [known.row() for known in order(versions, need)]
    against = {known.name: reason for known in _foremost(versions) if (reason := refusal(known, need))}
    if as_json:
        print_json({"recommended": chosen, "not": against})
        return
    print_rows([_flat(row) for row in chosen], as_json=False, title="asked in this order", empty="none: the statistical fallback answers")
    print_rows([{"name": name, "why not": reason} for name, reason in against.items()], as_json=False, empty="")


@app.command()
def promote(
    name: Name,
    version: Wanted = "challenger",
    force: Annotated[str, typer.Option(metavar="REASON", help="Promote what the gate refuses; the reason is kept.")] = "",
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Make a version champion if it beats the present one; that is kept as previous. Running processes are told at once.

    Examples: maint models promote pump_wear — maint models promote pump_wear --version 4 --force 'half the memory'
    """
    from models import promotion

    with opened() as registry:
        known = promotion.promote(registry, name, version, force=force)
        announce(registry.settings, known, "promoted", who=who, reason=force, before=_previous(registry, name))
    _told(known, as_json=as_json)


@app.command()
def rollback(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why; kept with the version that is withdrawn.")],
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Make the previous champion champion again. Running processes are told at once: the next records are answered by it.

    Example: maint models rollback pump_wear --reason 'false alarms since the overhaul'
    """
    from models import promotion

    with opened() as registry:
        known = promotion.rollback(registry, name, reason=reason)
        announce(registry.settings, known, "rolled_back", who=who, reason=reason, before=_previous(registry, name))
    _told(known, as_json=as_json)


def _beside(old: "Version", new: "Version") -> list[dict[str, Any]]:
    """Every figure that either version has, those of the first in front; None where one of them lacks it."""
    first, second = ({(each.data_set, each.protocol, each.metric): each for each in known.card.figures} for known in (old, new))
    return [
        {
            "data_set": key[0],
            "metric": key[2],
            "better": known.better,
            "baseline": known.trivial,
            f"version {old.number}": first[key].value if key in first else None,
            f"version {new.number}": second[key].value if key in second else None,
        }
        for key, known in (first | second).items()
    ]


def _previous(registry: "Registry", name: str) -> int:
    """Number of the version that was champion before; 0: none."""
    return next((known.number for known in registry.versions(name) if "previous" in known.aliases), 0)


def _foremost(versions: "list[Version]") -> "list[Version]":
    """The champion of each model, or its newest version where there is none."""
    chosen: dict[str, Version] = {}
    for known in versions:
        if "champion" not in (chosen[known.name].aliases if known.name in chosen else ()):
            chosen[known.name] = known
    return list(chosen.values())


def _told(known: "Version", *, as_json: bool) -> None:
    if as_json:
        print_json(known.row())
    else:
        print(f"{known.name}: version {known.number} is champion; gate: {known.gate}")


def _flat(row: dict[str, Any]) -> dict[str, str]:
    """A line for people: no digests, no nested things."""
    signature = row["signature"]
    kept = {name: _text(value) for name, value in row.items() if name not in {"signature", "digest", "domains"}}
    return {**kept, "inputs": str(len(signature["inputs"]))}


def _text(value: object) -> str:
    """A value for people.

    >>> _text(0.123456789), _text(("a", "b")), _text(float("nan")), _text(None)
    ('0.123457', 'a, b', '', '')
    """
    if value is None or value != value:  # noqa: PLR0124  only NaN differs from itself
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

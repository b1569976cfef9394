"""maint exam: what the platform finds, and what it makes up, on a simulated plant whose truth is known."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.output import AsJson, figure, print_json, print_rows
from cli.progress import bar

if TYPE_CHECKING:
    from simulator.exam.chance import Cases
    from simulator.exam.score import Scored
    from simulator.exam.session import Paper

EXAMPLES = """Examples:

maint exam — 60 machines of variant A over two years

maint exam --machines 30 --faultless 0 --years 1 --json

maint exam --variant B — the judging plant; each run is counted in simulator/life/seeds.toml
"""
SOURCES = 25
UNSTATED = (
    "no probability of a failure was stated, so none is judged: the maintenance log knew fewer than {least} failures of every class "
    "in the second half of the plan; ask for more --machines or --years"
)
SIZES = {"A": (60, 12), "B": (170, 30)}


def exam(  # noqa: PLR0913, PLR0917  a command's options are its interface
    variant: Annotated[Literal["A", "B"], typer.Option(help="A: to tune on. B: to judge by, its looks are counted.")] = "A",
    machines: Annotated[int | None, typer.Option(min=1, help="Machines that may fail.")] = None,
    faultless: Annotated[int | None, typer.Option(min=0, help="Machines that never fail.")] = None,
    years: Annotated[float, typer.Option(min=0.5, help="Simulated years.")] = 2.0,
    period: Annotated[int, typer.Option(min=20, max=1200, help="Seconds between readings; must divide an hour.")] = 600,
    lead: Annotated[float, typer.Option(min=0, help="Actionable lead, hours: later is too late.")] = 72.0,
    seed_file: Annotated[Path | None, typer.Option(help="Another file of seeds than the committed one.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of recorded sets to stand beside: nab, hydraulic_uci447_subset, cmapss.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="Write the truth of the plant to this file, one JSON object a line.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=2, help="Worker processes.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Run a simulated plant through validation, level 1 and detection, in process and without Kafka, and judge the episodes.

    Exit code 1: sudden failures, which no sensor announces, were found more often than by chance; the truth leaks.
    """
    from simulator.exam.session import Paper, sit
    from simulator.life import seeds
    from simulator.life.truth import write

    if 3600 % period:
        raise typer.BadParameter("must divide 3600", param_hint="--period")
    path = seed_file or seeds.COMMITTED
    try:
        known = seeds.read(variant, path)
        looks = seeds.count(variant, path) if variant == "B" else known.looks
    except seeds.SeedError as error:
        typer.echo(f"maint: {error}", err=True)
        raise typer.Exit(1) from None
    sizes = SIZES[variant]
    paper = Paper(
        variant,
        known.seed,
        sizes[0] if machines is None else machines,
        sizes[1] if faultless is None else faultless,
        years,
        period,
        lead,
    )
    with bar(f"variant {variant}", unit="groups of machines") as advance:
        result = sit(paper, workers=workers, progress=advance)
    leak = result.scores["platform"].leak()
    told = _told(result.scores, {**result.figures, "variant": variant, "seed": known.seed, "looks": looks, "leak": leak})
    told.update(_chances(result.chances))
    told.update(_looks_like(paper, data))
    if truth is not None:
        write(truth, paper.units())
    if as_json:
        print_json(told)
    else:
        _show(told)
    if leak < _leaks_below():
        typer.echo(f"maint: sudden failures were found more often than by chance (p = {leak:.2g}): the truth leaks", err=True)
        raise typer.Exit(1)


def _leaks_below() -> float:
    from simulator.exam.score import LEAKS_BELOW

    return LEAKS_BELOW


def _told(scores: "dict[str, Scored]", figures: dict[str, Any]) -> dict[str, Any]:
    """All figures as one document."""
    platform = scores["platform"]
    return {
        "run": figures,
        "machine_years": platform.machine_years + platform.faultless_years,
        "failures": len(platform.verdicts),
        "recall_possible": platform.ceiling,
        "candidates": [{"candidate": name, **each.summary()} for name, each in scores.items()],
        "grades": dict(platform.grades),
        "modes": platform.by_mode(),
        "intervals": platform.by_interval(),
        "faultless": [{"candidate": name, **each.faultless()} for name, each in scores.items()],
        "twins": [{"candidate": name, **asdict(each.effect)} for name, each in scores.items() if each.effect],
        "sensor_faults": {"faults": platform.sensor_faults, "named by a sensor episode": platform.named},
        "sources": _sources(platform),
    }


def _chances(found: "list[Cases]") -> dict[str, Any]:
    from processors.hazard import LEAST
    from simulator.exam.brier import reliability, scores

    unstated = "" if any(cases.stated for cases in found) else UNSTATED.format(least=LEAST)
    return {"probabilities": scores(found), "reliability": reliability(found), "unstated": unstated}


def _sources(platform: "Scored") -> list[dict[str, Any]]:
    return [{"grade: detector, channel": name, "episodes": count} for name, count in platform.detectors.most_common(SOURCES)]


def _looks_like(paper: "Paper", data: Path | None) -> dict[str, Any]:
    from simulator.exam.marginal import recorded
    from simulator.exam.session import look_alike

    figures, mixes = look_alike(paper)
    return {"marginals": [*figures, *(recorded(data) if data else ())], "mixes": mixes}


def _show(told: dict[str, Any]) -> None:
    run = told["run"]
    for title, name in TITLES.items():
        if told[name]:
            print_rows([_plain(row) for row in told[name]], as_json=False, title=title)
    if told["unstated"]:
        print(told["unstated"])
    else:
        censored = {row["days"]: row["censored"] for row in told["probabilities"]}
        print("not judged, as nobody knows what came:", ", ".join(f"{n} moments within {days} days" for days, n in censored.items()))
    print(f"grades of the platform's machine episodes: {told['grades']}")
    print(f"instrument faults: {told['sensor_faults']}")
    print(f"highest recall possible: {told['recall_possible']:.3f} of {told['failures']} failures; the others give no sign")
    print(f"canary: chance of so many hits on sudden failures p = {run['leak']:.3g}")
    print(
        f"variant {run['variant']}, seed {run['seed']}, looks {run['looks']}; {told['machine_years']:.0f} machine-years judged, "
        f"{run['readings']:,} readings, {run['baselines']} baselines accepted, {run['refused']} refused; "
        f"{run['seconds']:.0f} s, {run['cpu_s']:.0f} s of CPU"
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row for people: bounds and quantiles in one cell; a skill in thousandths, as less of it is none."""
    if "skill" in row:
        whole, bounds = row["skill"], row["95 %"]
        row = {name: value for name, value in row.items() if name != "censored"}  # the same of all candidates: told below
        row |= {"skill": whole and _thousandths(whole), "95 %": bounds and tuple(map(_thousandths, bounds))}
    return {name: _cell(value) for name, value in row.items()}


def _thousandths(value: float) -> float:
    return round(value, 3) + 0.0  # no minus before a zero


def _cell(value: object) -> object:
    """One cell.

    >>> _cell((0.1234, 2.5)), _cell([1.0, 20.4, 30.0]), _cell(3), _cell("wear")
    ('0.123 .. 2.5', '1 / 20.4 / 30', 3, 'wear')
    """
    if isinstance(value, list | tuple):
        return (" .. " if len(value) == len(("low", "high")) else " / ").join(str(figure(each)) for each in value)
    return figure(value) if isinstance(value, float) else value


TITLES = {
    "Candidates": "candidates",
    "Recall by mode": "modes",
    "Recall of visible failures by P-F interval": "intervals",
    "Machines without any fault": "faultless",
    "If every episode were looked into after three days": "twins",
    "Where machine episodes come from": "sources",
    "Probability of a failure within some days, second half of the plan": "probabilities",
    "What the platform said of failures, and what came": "reliability",
    "Series, medians": "marginals",
    "Share of hours by mode": "mixes",
}

"""maint catalogue: assets and sensors as a sheet, checked, compared, published."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.output import AsJson, Overwrite, print_json, print_rows, untouched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catalogue.coverage import Heard
    from catalogue.diff import Difference
    from catalogue.entry import Entry, Subject
    from catalogue.problem import Problem
    from catalogue.sheet import Sheet

app = typer.Typer(
    no_args_is_help=True,
    help="Assets and sensors as a sheet: template, validate, diff, import, export, ... Example: maint catalogue template plant.xlsx",
)

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV or XLSX.")]
Target = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="To write: .csv or .xlsx.")]
Prune = Annotated[bool, typer.Option("--prune", help="Decommission what is in force and not in the sheet.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Class = Literal["pump", "fan", "motor", "gearbox", "compressor", "conveyor", "generic"]
WRITABLE = {".csv", ".xlsx"}
SENT = "select asset, sensor from plant.sensor where last_ts is not null"
REFERRED = "select asset, sensor from plant.baseline where accepted and mode <> 'off'"
ROWS_SHOWN = 200  # of changes in a table; --json has all


@app.command()
def template(
    file: Target,
    machine: Annotated[Class | None, typer.Option("--class", help="Fill in the sensors this class expects.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="Id of an asset to fill in; repeatable.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """An empty sheet, or one with the sensors a class of machines should have.

    Examples: maint catalogue template plant.xlsx ; maint catalogue template pumps.csv --class pump --asset P-101 --asset P-102
    """
    from catalogue import classes, templates

    untouched(file, overwrite=overwrite)
    entries = templates.prefilled(classes.load(machine), asset or ["P-101"]) if machine else []
    _write(file, entries)
    typer.echo(f"{file}: {len(entries)} rows; columns are explained in docs/catalogue.md and on the second page of an XLSX file")


@app.command()
def validate(
    file: File,
    known: Annotated[bool, typer.Option("--with-catalogue", help="The sheet may refer to what is in force (asks the broker).")] = False,
    as_json: AsJson = False,
) -> None:
    """Everything that is wrong with a sheet, by row and column, with the remedy. Exit code 1 if it cannot be imported.

    Example: maint catalogue validate plant.xlsx
    """
    _judged(file, _in_force() if known else {}, as_json=as_json, alone=True)


@app.command()
def diff(file: File, prune: Prune = False, as_json: AsJson = False) -> None:
    """What importing the sheet would change, and which live state each change resets. Publishes nothing.

    Example: maint catalogue diff plant.xlsx
    """
    known = _in_force()
    sheet = _judged(file, known, as_json=as_json)
    _show(_difference(sheet, known, prune=prune), as_json=as_json)


@app.command("import")
def take(file: File, prune: Prune = False, yes: Yes = False, as_json: AsJson = False) -> None:
    """Publish what the sheet changes. A column the sheet does not have leaves its field alone; an empty cell clears it.

    Examples: maint catalogue import plant.xlsx ; maint catalogue import plant.csv --prune --yes --json
    """
    known = _in_force()
    sheet = _judged(file, known, as_json=as_json)
    _publish(_difference(sheet, known, prune=prune), known, yes=yes, as_json=as_json)


@app.command()
def export(file: Target) -> None:
    """The catalogue in force as a sheet; importing it changes nothing.

    Example: maint catalogue export plant.xlsx
    """
    known = _in_force()
    _write(file, known.values())
    typer.echo(f"{file}: {len(known)} rows")


@app.command()
def apply(
    machine: Annotated[Class, typer.Argument(metavar="CLASS", help="pump, fan, motor, gearbox, compressor, conveyor or generic.")],
    assets: Annotated[str, typer.Option(help="Ids with * and ?, or a file with one id per line.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Fill blanks of assets and their sensors from a class; what a person stated stays. Lists where they differ from the class.

    Examples: maint catalogue apply pump --assets 'P-*' ; maint catalogue apply fan --assets fans.txt --yes
    """
    from catalogue import classes, templates
    from catalogue.diff import compare

    known = _in_force()
    path = Path(assets)
    names = path.read_text(encoding="utf-8-sig").split() if path.is_file() else templates.chosen(known, assets)
    if not names:
        problem = f"{path} names no asset: write one id per line" if path.is_file() else templates.unmatched(known, assets)
        raise SystemExit(f"maint: {problem}")
    applied = templates.apply(classes.load(machine), known, names)
    deviations = list(map(asdict, applied.deviations))
    if not as_json:
        print_rows(deviations[:ROWS_SHOWN], as_json=False, title="deviations from the class", empty="no deviation from the class")
        if len(deviations) > ROWS_SHOWN:
            typer.echo(f"... and {len(deviations) - ROWS_SHOWN} more; --json has all")
    more = {"assets": len(names), "deviations": deviations}
    _publish(compare(applied.entries, known), known, yes=yes, as_json=as_json, more=more)


@app.command()
def classes(
    machine: Annotated[Class | None, typer.Argument(metavar="[CLASS]", help="Show this class.")] = None, as_json: AsJson = False
) -> None:
    """Classes of machines: expected sensors, ways to fail with P-F interval, its source and the recommended action.

    Examples: maint catalogue classes ; maint catalogue classes pump
    """
    from catalogue import classes as known

    if machine is None:
        rows = [{"class": each.name, "title": each.title, "ways to fail": len(each.failures)} for each in known.every()]
        print_rows(rows, as_json=as_json, title="classes")
        return
    found = known.load(machine)
    if as_json:
        print_json(asdict(found))
        return
    print_rows(list(map(asdict, found.sensors)), as_json=False, title=f"{found.title}: sensors")
    failures = [{**asdict(each), "symptoms": ", ".join(sorted({symptom.quantity for symptom in each.symptoms}))} for each in found.failures]
    figures = [{name: cell for name, cell in row.items() if name not in {"source", "action"}} for row in failures]
    print_rows(figures, as_json=False, title="ways to fail; low_h and high_h: P-F interval, hours")
    for failure in found.failures:
        typer.echo(f"{failure.name} ({failure.source}): {failure.action}")
    for note in found.notes:
        typer.echo(f"- {note}")


@app.command()
def coverage(
    criticality: Annotated[list[str] | None, typer.Option(help="A, B or C; repeatable. Default: all.")] = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="Only what nobody watches.")] = False,
    sheet: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Judge this sheet on top of the catalogue in force.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Which sensor and detector watch each way of failing of each asset, or what they lack. SQL: plant.coverage.

    watched; sensor never sent; no accepted reference (slow wear is judged against one: see `maint baseline propose`);
    not monitored: the catalogue has no sensor that would show it; no class.

    Example: maint catalogue coverage --criticality A --gaps
    """
    from catalogue import coverage as covered

    known = _in_force()
    if sheet:
        known |= _judged(sheet, known, as_json=as_json).over(known)
    rows = covered.coverage(known, _heard(), criticality or ())
    shown = covered.gaps(rows) if gaps else rows
    left_out = set() if as_json else {"machine_class", "action"}  # a page's width; `maint catalogue classes` tells the actions
    table = [{name: cell for name, cell in asdict(row).items() if name not in left_out} for row in shown]
    print_rows(table, as_json=as_json, title="coverage", empty="no asset, or no gap")


def _heard() -> "Heard":
    from catalogue.coverage import Heard
    from cli.database import reading

    with reading() as connection:
        return Heard(connection.execute(SENT).fetchall(), connection.execute(REFERRED).fetchall())


def _in_force() -> "dict[Subject, Entry]":
    from cli.entries import in_force
    from settings import load

    return in_force(load())


def _judged(file: Path, known: "dict[Subject, Entry]", *, as_json: bool, alone: bool = False) -> "Sheet":
    """The sheet if it can be imported; else all its problems and exit code 1."""
    from catalogue import problem, rules
    from catalogue import sheet as sheets

    sheet = sheets.read(file.read_bytes())
    found: list[Problem] = rules.check(sheet, known)
    wrong = problem.errors(found)
    table = problem.table(file.name, found)
    if as_json and (wrong or alone):
        print_json({"rows": len(sheet.rows), "errors": len(wrong), "problems": table})
    elif table and not as_json:
        _print(table, f"{file.name}: {len(wrong)} errors, {len(found) - len(wrong)} notes")
    if alone and not wrong and not as_json:
        typer.echo(f"{file.name}: {len(sheet.rows)} rows can be imported")
    if wrong:
        raise typer.Exit(1)
    return sheet


def _print(problems: "Sequence[dict[str, Any]]", title: str) -> None:
    """Lines, not a table: no remedy may be cut off."""
    typer.echo(title)
    for each in problems:
        place = f"row {each['row']}" if each["row"] else "the file"
        place += f", {each['column']}" if each["column"] else ""
        value = f" {each['value']!r}" if each["value"] else ""
        typer.echo(f"{each['note']}: {place}{value}: {each['problem']}\n  remedy: {each['remedy']}")


def _difference(sheet: "Sheet", known: "dict[Subject, Entry]", *, prune: bool) -> "Difference":
    from catalogue.diff import compare, pruned

    wanted = sheet.over(known)
    gone = pruned(known, wanted) if prune else []
    return compare([*wanted.values(), *gone], known)


def _show(difference: "Difference", *, as_json: bool, more: "dict[str, Any] | None" = None) -> None:
    changes = list(map(asdict, difference.changes))
    if as_json:
        print_json({**(more or {}), "entries": len(difference.entries), "changes": changes})
        return
    print_rows(changes[:ROWS_SHOWN], as_json=False, title=f"{len(difference.entries)} entries change", empty="nothing to do")
    if len(changes) > ROWS_SHOWN:
        typer.echo(f"... and {len(changes) - ROWS_SHOWN} changes more; --json has all")


def _publish(
    difference: "Difference", known: "dict[Subject, Entry]", *, yes: bool, as_json: bool, more: "dict[str, Any] | None" = None
) -> None:
    """Show what changes, ask, publish."""
    from catalogue.diff import versioned
    from cli.entries import publish
    from cli.progress import complain
    from settings import load
    from simulator.publish import now_us

    if as_json and difference.entries and not yes:
        raise SystemExit("catalogue: with --json nobody can be asked: add --yes, or use `maint catalogue diff --json`")
    if not as_json:
        _show(difference, as_json=False)
    if difference.entries and not yes:
        typer.confirm(f"Publish {len(difference.entries)} entries?", abort=True)
    if difference.entries:
        with complain():
            publish(load(), versioned(difference.entries, known, now_us()))
    if as_json:
        _show(difference, as_json=True, more={**(more or {}), "published": len(difference.entries)})
    elif difference.entries:
        typer.echo(f"{len(difference.entries)} entries published")


def _write(file: Path, entries: "Iterable[Entry]") -> None:
    """Write a sheet; the name says in which format."""
    from catalogue import grid, sheet

    if file.suffix.lower() not in WRITABLE:
        raise SystemExit(f"catalogue: {file.name} must end in .csv or .xlsx")
    write = grid.write_xlsx if file.suffix.lower() == ".xlsx" else grid.write_csv
    try:
        file.write_bytes(write(sheet.rows(entries)))
    except ValueError as problem:
        raise SystemExit(f"catalogue: {problem}") from None

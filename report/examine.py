"""All that can be said of a set of series: a summary of each sensor, and the findings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from report import arrival, clock, swap, unit, value
from report.envelope import Envelope, envelope
from report.finding import Finding, gathered, worst_first
from report.level import Step, steps
from report.series import DAY_US, Series, by_asset, good, ordered


@dataclass(frozen=True, slots=True)
class Summary:
    """One sensor in figures.

    Attributes:
        sensor, asset, quantity, unit, reporting: what it is; quantity and reporting are guesses where nobody states them.
        readings: rows that arrived.
        first_us, last_us: earliest and latest time; None without readings.
        period_s: median interval.
        per_day: readings a day.
        longest_gap_s, gap_share: longest gap, and share of the time in gaps.
        duplicates, conflicting, out_of_order, invalid: numbers of readings.
        good: share of readings with a value and, where stated, Good status.
        low, median, high: of the values.
    """

    sensor: str
    asset: str
    quantity: str
    unit: str
    reporting: str
    readings: int
    first_us: int | None
    last_us: int | None
    period_s: float | None
    per_day: float
    longest_gap_s: float
    gap_share: float
    duplicates: int
    conflicting: int
    out_of_order: int
    invalid: int
    good: float
    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Summaries by sensor, findings, the surest first, and what a plot of each sensor needs."""

    sensors: Sequence[Summary]
    findings: Sequence[Finding]
    plots: Sequence[Envelope]


def joined(reports: Sequence[Report], more: Sequence[Finding] = ()) -> Report:
    """Several reports as one, with findings that reading the data has brought."""
    findings = [finding for report in reports for finding in report.findings]
    sensors = [summary for report in reports for summary in report.sensors]
    return Report(sensors, worst_first([*findings, *more]), [plot for report in reports for plot in report.plots])


@dataclass(slots=True)
class _Look:
    """What is known of one series while it is examined."""

    series: Series
    rows: Series = field(init=False)
    spacing: arrival.Spacing = field(init=False)
    steps: list[Step] = field(init=False)
    runs: value.Runs = field(init=False)
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.rows = ordered(self.series)
        self.spacing, self.steps, self.runs = arrival.spacing(self.rows), steps(self.rows), value.runs(self.rows)
        self.level = unit.median(self.rows)


def examine(found: Sequence[Series]) -> Report:
    """Look at series of any number of assets."""
    return joined([_asset(asset, parts) for asset, parts in by_asset(found).items()])


def _asset(asset: str, parts: Sequence[Series]) -> Report:
    looks = [_Look(series) for series in parts]
    findings = [*unit.unstated(asset, parts), *_of_asset(asset, looks)]
    for look in looks:
        findings += _of_sensor(look)
    return Report([_summary(look) for look in looks], gathered(findings), [envelope(look.rows) for look in looks])


def _of_sensor(look: _Look) -> list[Finding]:
    series = look.series
    return [
        *arrival.disorder(series),
        *arrival.reported(series, look.spacing),
        *value.unusable(series),
        *clock.lagging(series),
    ]


def _of_asset(asset: str, looks: Sequence[_Look]) -> list[Finding]:
    """What only the sensors of an asset together tell."""
    gaps = arrival.shared_gaps([(look.rows, look.spacing) for look in looks])
    findings = arrival.together(asset, [look.series.sensor for look in looks], gaps)
    findings += swap.swapped([(look.rows, look.steps, look.level) for look in looks])
    findings += clock.wall_clock(asset, [look.series for look in looks])
    for look in looks:
        others = [step for other in looks if other is not look for step in other.steps]
        own = [step for step in look.steps if not swap.involved(step, others)]
        findings += arrival.silent(look.series, look.spacing, gaps)
        findings += unit.jumped(look.rows, own, [other.rows for other in looks if other is not look])
        findings += value.stuck(look.rows, look.runs, [other.runs for other in looks if other is not look])
        findings += unit.implausible(look.rows, look.level, _siblings(look, looks))
    return findings


def _siblings(look: _Look, looks: Sequence[_Look]) -> list[float]:
    kind = unit.quantity(look.rows), unit.unit(look.rows)
    return [other.level for other in looks if other is not look and (unit.quantity(other.rows), unit.unit(other.rows)) == kind]


def _summary(look: _Look) -> Summary:
    series, spacing, rows = look.series, look.spacing, look.rows
    duplicates, conflicting = arrival.repeated(series)
    count, known = len(series.ts), len(rows.value) > 0
    return Summary(
        series.sensor,
        series.asset,
        unit.quantity(series),
        series.unit,
        spacing.reporting if series.reporting == "unknown" else series.reporting,
        count,
        int(series.ts.min()) if count else None,
        int(series.ts.max()) if count else None,
        spacing.period_s,
        len(rows.ts) * DAY_US / spacing.span_us if spacing.span_us else 0.0,
        spacing.longest_s,
        spacing.share,
        duplicates,
        conflicting,
        arrival.out_of_order(series.ts),
        int(value.invalid(series).sum()),
        good(series),
        float(rows.value.min()) if known else None,
        look.level if known else None,
        float(rows.value.max()) if known else None,
    )

"""Failures and machine-days of each class, from work orders and the catalogue.

An asset counts that is catalogued with a class and in service, over the whole period: when each one was built the catalogue does not
know, the time of its entry is that of the sheet. The failures of all others are left out, as their days are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from processors.machine import Past
from report.backtest import Failure
from report.series import DAY_US


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset of the catalogue: its class (empty: none), and whether it is decommissioned."""

    kind: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found.

    Attributes:
        classes: by class, the number of its assets and its past.
        left_out: failures within the period that do not count, by asset and reason.
        outside: failures before or after the period.
        repeated: failures of an asset at the very time of another one: one failure with several orders.
        modes: of the failures that count, by class and mode, as the first order of each says.
    """

    classes: Mapping[str, tuple[int, Past]]
    left_out: Mapping[tuple[str, str], int]
    outside: int
    repeated: int
    modes: Mapping[tuple[str, str], int]


def count(failures: Iterable[Failure], assets: Mapping[str, Asset], period_us: tuple[int, int]) -> Counted:
    """Count failures and machine-days by class.

    Args:
        failures: of the work orders.
        assets: the catalogue, by name.
        period_us: begin and end, microseconds since 1970; the end no longer counts.

    >>> found = count([Failure("P-1", DAY_US)], {"P-1": Asset("pump"), "P-2": Asset("pump")}, (0, 10 * DAY_US))
    >>> found.classes
    {'pump': (2, Past(failures=1, machine_days=20.0))}
    """
    first, last = period_us
    listed = list(failures)
    inside = [each for each in listed if first <= each.at_us < last]
    distinct = {(each.asset, each.at_us): each.mode for each in reversed(inside)}
    reasons = {asset: _reason(assets.get(asset)) for asset, _ in distinct}
    failed = Counter(assets[asset].kind for asset, _ in distinct if not reasons[asset])
    machines = Counter(asset.kind for asset in assets.values() if not _reason(asset))
    days = (last - first) / DAY_US
    return Counted(
        {kind: (number, Past(failed[kind], number * days)) for kind, number in sorted(machines.items())},
        Counter((asset, reasons[asset]) for asset, _ in sorted(distinct) if reasons[asset]),
        len(listed) - len(inside),
        len(inside) - len(distinct),
        Counter((assets[asset].kind, mode) for (asset, _), mode in sorted(distinct.items()) if not reasons[asset]),
    )


def _reason(asset: Asset | None) -> str:
    """Why an asset does not count; empty: it does."""
    if asset is None:
        return "not in the catalogue"
    if asset.gone:
        return "decommissioned"
    return "" if asset.kind else "without a class in the catalogue"

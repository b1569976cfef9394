"""docs/vibration.md: its limits equal the code's table."""

from pathlib import Path

from processors.zones import SOURCE_3, SOURCE_7, TABLE

PAGE = (Path(__file__).parents[1] / "docs/vibration.md").read_text(encoding="utf-8")


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    for limits in TABLE.values():
        for quantity, bounds in (("velocity, mm/s", limits.velocity_mm_s), ("displacement, µm", limits.displacement_um)):
            row = f"| {limits.standard} | {limits.machines} | {quantity} | {' | '.join(f'{bound:g}' for bound in bounds or ())} |"
            assert (row in PAGE) == (bounds is not None)


def test_the_page_names_the_sources() -> None:
    assert SOURCE_3 in PAGE
    assert SOURCE_7 in PAGE

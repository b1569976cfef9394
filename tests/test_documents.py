"""Documents are tested: their tables equal the code, and what they name exists."""

import re
from pathlib import Path

import pytest

from models.catalogue import RECIPES
from models.datasets import DATASETS
from settings import Settings, table
from streams.topics import TOPICS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def test_settings_page_is_the_code() -> None:
    assert (ROOT / "docs/settings.md").read_text() == table.markdown(), "run `python -m settings.table > docs/settings.md`"


def test_every_setting_is_described() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")]


def test_readme_lists_every_topic_as_the_code_does() -> None:
    rows = [f"| `{t.name}` | {t.schema} | {t.key} | {t.cleanup} | {t.writer} | {t.readers} |" for t in TOPICS]
    block = re.search(r"\| topic \|.*?\n\|[-|]+\|\n((?:\|.*\n)+)", README)
    assert block, "the README has a table of topics"
    assert block.group(1).splitlines() == rows


def test_models_page_lists_every_model_and_folder_as_the_code_does() -> None:
    page = (ROOT / "docs/models.md").read_text()
    figures = page[page.index("## What a figure is") : page.index("More figures")]
    assert re.findall(r"^\| `(\w+)` \|", figures, re.MULTILINE) == [recipe.name for recipe in RECIPES]
    folders = {(known.folder, known.get, known.licence) for known in DATASETS.values() if known.name != "generated"}
    assert set(re.findall(r"^\| .+ \| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)) == folders


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z-]+)", README))))
def test_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:.*## ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_of_the_readme_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()

"""The table of named models. Adding one: a recipe in models/recipes and a line here."""

from models.recipe import Recipe

RECIPES: tuple[Recipe, ...] = ()


def recipe(name: str) -> Recipe:
    """One of them.

    Raises:
        KeyError: no such model; the text lists the names.

    """
    for known in RECIPES:
        if known.name == name:
            return known
    raise KeyError(f"no model {name!r}; known: {', '.join(known.name for known in RECIPES)}")

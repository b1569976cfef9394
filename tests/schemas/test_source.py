from schemas.source import Source


def test_lines_become_a_function() -> None:
    source = Source("double(value)", {"two": 2})
    name = source.name()
    with source.block("if value"):
        source.line(f"{name} = value * two")
        source.line(f"return {name}")
    source.line(f"return {source.constant('nothing')}")
    double = source.function()
    assert (double(4), double(0)) == (8, "nothing")


def test_functions_do_not_share_their_names() -> None:
    namespace = {"step": 1}
    first, second = Source("go()", namespace), Source("go()", namespace)
    first.line(f"return step, {first.constant('a')}")
    second.line(f"return step, {second.constant('b')}")
    assert (first.function()(), second.function()()) == ((1, "a"), (1, "b"))
    assert namespace == {"step": 1}

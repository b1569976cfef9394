"""Windows that an asset has finished, from the cells of the pool to Features records.

A chunk closes hundreds of windows and a generic encoder needs tens of microseconds for one, more than the readings in it cost.
So a kernel writes the Avro; tests read it back with fastavro.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, overload

import numpy as np
from numba import njit

from processors.declaration import mode_name
from processors.evidence import nth, origin
from processors.layout import CELLS, CHANGING, KERNEL, NONE, WINDOWS_S, Bytes, Longs, Records
from processors.options import Source
from processors.state import State
from schemas import codec
from schemas.blobs import Blobs
from schemas.encoder import number, text
from schemas.manifest import NEWEST
from schemas.zigzag import put_zigzag

REFUSED: Final = (1, 6, 9, 10)  # std, slope, kurtosis, crest: not by exception, such readings are no fair sample
ROUNDING: Final = 1e-12  # variance below this share of the mean square deviation from the shift is rounding
FOURS: Final = 3  # packed columns of four bytes: n, good and, behind the others, surprise
EIGHTS: Final = 11  # mean, std, min, max, first, last, slope, rms, peak_to_peak, kurtosis, crest
NUMBER_BYTES: Final = 10  # of an Avro long, at most
NUMBERS: Final = 8 + FOURS + EIGHTS  # longs and lengths of a record, without those of its sensors' names
FRAME: Final = np.frombuffer(codec.frame(NEWEST["Features"].id), np.uint8)
HEAD: Final = np.dtype(
    [
        ("begin", "i8"),  # its first cell
        ("end", "i8"),
        ("asset", "i8"),
        ("window_s", "i8"),
        ("start", "i8"),
        ("known_at", "i8"),
        ("offset", "i8"),
        ("nth", "i8"),
        ("historical", "u1"),
        ("mode", "u1"),
        ("word", "i4"),
        ("mode_at", "i4"),  # begin and length of its name in the names of modes
        ("mode_size", "i4"),
    ]
)
CHANGING_NAME: Final = "transient"


@dataclass(frozen=True, slots=True, eq=False)
class Windows(Sequence[dict[str, Any]]):
    """Features records; an entry is decoded when it is looked at.

    Attributes:
        values: the framed records.
        assets: their asset ids.
        known_at: Kafka timestamps of the records that closed them, microseconds.
        origins: of those records.
    """

    values: Blobs
    assets: list[str]
    known_at: list[int]
    origins: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        return cast("codec.Decoded", codec.decode(self.values[index])).record

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[place] for place in range(len(self)))


def features(state: State, source: Source, offsets: Longs, known_at: Longs) -> Windows:
    """Records of the closed cells of the pool, in order of (closing offset, asset, length, start)."""
    cells = state.cells[: int(state.numbers[CELLS])]
    cells = cells[cells["cause"] != NONE]
    if len(cells) == 0:
        return Windows(Blobs.of([]), [], [], [])
    cells = cells[np.lexsort((cells["slot"], cells["start"], cells["length"], cells["asset"], cells["cause"]))]
    heads = _heads(cells, offsets, known_at)
    slots, assets = cells["slot"].astype(np.int64), heads["asset"]
    modes = _name_modes(state, heads)
    four, eight = _columns(cells)
    tail = np.frombuffer(text(KERNEL) + text(source.topic_id) + number(source.partition), np.uint8)
    names = int(state.sensors["name_bytes"][slots].sum() + state.assets["name_bytes"][assets].sum())
    names += int(heads["mode_size"].sum())
    room = len(heads) * (len(FRAME) + len(tail) + NUMBERS * NUMBER_BYTES) + names + len(cells) * NUMBER_BYTES + four.size + eight.size
    out, bounds = np.empty(room, np.uint8), np.zeros(len(heads) + 1, np.int64)
    write(FRAME, tail, modes, heads, slots, four, eight, state.text, state.sensors, state.assets, out, bounds)
    return Windows(
        Blobs(out[: bounds[-1]], bounds[:-1], bounds[1:]),
        [state.asset_names[asset] for asset in assets.tolist()],
        heads["known_at"].tolist(),
        [origin(source, offset, n) for offset, n in zip(heads["offset"].tolist(), heads["nth"].tolist(), strict=True)],
    )


def _heads(cells: Records, offsets: Longs, known_at: Longs) -> Records:
    """What all cells of a record share; cells are sorted."""
    new = np.zeros(len(cells), np.bool_)
    new[0] = True
    for field in ("cause", "asset", "length", "start"):
        new[1:] |= cells[field][1:] != cells[field][:-1]
    begins = np.flatnonzero(new)
    heads, first = np.zeros(len(begins), HEAD), cells[begins]
    heads["begin"], heads["end"] = begins, [*begins[1:], len(cells)]
    heads["window_s"] = np.array(WINDOWS_S)[first["length"]]
    for field in ("asset", "start", "historical", "mode", "word"):
        heads[field] = first[field]
    heads["known_at"], heads["offset"], heads["nth"] = known_at[first["cause"]], offsets[first["cause"]], nth(first["cause"])
    return heads


def _name_modes(state: State, heads: Records) -> Bytes:
    """Bytes of the names of all modes; each head is told where its own stands."""
    if not heads["mode"].any():
        return np.zeros(0, np.uint8)
    known: dict[tuple[int, int], tuple[int, int]] = {}
    names = b""
    for i, named in enumerate(zip(heads["mode"].tolist(), heads["word"].tolist(), strict=True)):
        if named not in known:
            name = (CHANGING_NAME if named[0] == CHANGING else mode_name(state, *named)).encode()
            known[named] = len(names), len(name)
            names += name
        heads["mode_at"][i], heads["mode_size"][i] = known[named]
    return np.frombuffer(names, np.uint8)


def _columns(cells: Records) -> tuple[Bytes, Bytes]:
    """Features of n cells as bytes, u1[n, 4 * k] and u1[n, 8 * k]; NaN where a window has no value or a feature is not defined."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):  # a value of 1e300 has no fourth power, and may still come
        n = np.where(cells["n"] > 0, cells["n"], np.nan)
        m1, m2, m3, m4 = (cells[field] / n for field in ("s1", "s2", "s3", "s4"))
        variance = np.maximum(m2 - m1 * m1, 0.0)
        variance[variance <= ROUNDING * m2] = 0.0
        held = (cells["by_exception"] == 1) & (cells["t1"] > 0)
        mean = cells["shift"] + np.where(held, cells["tx"] / cells["t1"], m1)
        second = np.where(held, np.maximum(cells["t2"] / cells["t1"] - (cells["tx"] / cells["t1"]) ** 2, 0.0), variance)
        rms = np.sqrt(mean * mean + second)
        fourth = m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1**4
        spread_t = cells["t2"] - cells["t1"] * cells["t1"] / n
        four, eight = np.empty((len(cells), FOURS), "<f4"), np.empty((len(cells), EIGHTS))
        four.view("<u4")[:, 0] = cells["n"]
        four[:, 1] = cells["good"] / cells["total"]
        four[:, 2] = cells["surprise"]
        eight[:, 0] = mean
        eight[:, 1] = np.sqrt(variance)
        for place, field in enumerate(("low", "high", "first", "last"), 2):
            eight[:, place] = np.where(cells["n"] > 0, cells[field], np.nan)
        eight[:, 6] = np.where(spread_t > 0, (cells["tx"] - cells["t1"] * m1) / spread_t, np.nan)
        eight[:, 7] = rms
        eight[:, 8] = np.where(cells["n"] > 0, cells["high"] - cells["low"], np.nan)
        eight[:, 9] = np.where(variance > 0, fourth / (variance * variance), np.nan)
        eight[:, 10] = np.where(rms > 0, np.maximum(np.abs(cells["low"]), np.abs(cells["high"])) / rms, np.nan)
    by_exception = np.flatnonzero(cells["by_exception"] == 1)
    eight[by_exception[:, None], REFUSED] = np.nan
    return four.view(np.uint8), eight.view(np.uint8)


@njit(cache=True, nogil=True)
def write(
    frame: Bytes,
    tail: Bytes,
    modes: Bytes,
    heads: Records,
    slots: Longs,
    four: Bytes,
    eight: Bytes,
    text: Bytes,
    sensors: Records,
    assets: Records,
    out: Bytes,
    bounds: Longs,
) -> None:
    """Write records in the order of their schema: record i becomes out[bounds[i]:bounds[i + 1]]."""
    at = 0
    for i in range(len(heads)):
        head = heads[i]
        begin, end = head.begin, head.end
        at = _copy(frame, 0, len(frame), out, at)
        at = _name(assets[head.asset], text, out, at)
        for field in (head.window_s, head.start, head.known_at):
            at = put_zigzag(out, at, field)
        out[at] = head.historical
        at = put_zigzag(out, at + 1, int(head.mode_size))
        at = _copy(modes, int(head.mode_at), int(head.mode_at + head.mode_size), out, at)
        at = put_zigzag(out, at, end - begin)
        for place in range(begin, end):
            at = _name(sensors[slots[place]], text, out, at)
        out[at] = 0  # the end of the array
        at += 1
        for column in range(2):
            at = _column(four, begin, end, 4 * column, 4, out, at)
        for column in range(EIGHTS):
            at = _column(eight, begin, end, 8 * column, 8, out, at)
        at = _column(four, begin, end, 4 * (FOURS - 1), 4, out, at)
        at = _copy(tail, 0, len(tail), out, at)
        at = put_zigzag(out, put_zigzag(out, at, head.offset), head.nth)
        bounds[i + 1] = at


@njit(cache=True, nogil=True)
def _copy(source: Bytes, begin: int, end: int, out: Bytes, at: int) -> int:
    for k in range(begin, end):
        out[at + k - begin] = source[k]
    return at + end - begin


@njit(cache=True, nogil=True)
def _name(named: Any, text: Bytes, out: Bytes, at: int) -> int:  # noqa: ANN401  a record of sensors or assets
    begin, end = named.name, named.name + named.name_bytes
    at = put_zigzag(out, at, int(end - begin))
    return int(_copy(text, int(begin), int(end), out, at))


@njit(cache=True, nogil=True)
def _column(cells: Bytes, begin: int, end: int, first: int, width: int, out: Bytes, at: int) -> int:
    """The packed values of one column of cells."""
    at = put_zigzag(out, at, (end - begin) * width)
    for place in range(begin, end):
        for k in range(width):
            out[at + k] = cells[place, first + k]
        at += width
    return at

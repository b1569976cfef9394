"""The machine that reads Avro bodies into columns: one numba kernel that interprets the programs of program.py.

A program is a row of int64 instructions (op, slot, x, y); slot -1 means: check and forget. The rules of strict.py hold:
the kernel refuses what they refuse, reads only within the record's own bytes and takes a number of steps bounded by them.
"""

from typing import Final, TypeAlias

import numba as nb
import numpy as np
import numpy.typing as npt

from schemas.shape import DEPTH_MAX

Bytes: TypeAlias = npt.NDArray[np.uint8]
Longs: TypeAlias = npt.NDArray[np.int64]
Doubles: TypeAlias = npt.NDArray[np.float64]

WIDTH: Final = 4  # numbers of an instruction

# Instructions that begin with a zigzag number in the bytes.
LONG: Final = 0
TEXT: Final = 1  # slot: start, slot + 1: end in the buffer
UNION: Final = 2  # x branches, their addresses in code[y:]
INT: Final = 3
BYTES: Final = 4
ENUM: Final = 5  # x symbols; code[y:] maps them to the reader's, -1: no such symbol; y = -1: no mapping
LONG_AS_DOUBLE: Final = 6
INT_AS_DOUBLE: Final = 7
LAST_NUMBER: Final = INT_AS_DOUBLE

DOUBLE: Final = 8
FLOAT: Final = 9
BOOLEAN: Final = 10
FIXED: Final = 11  # x bytes to pass over
SET_LONG: Final = 12  # x
SET_DOUBLE: Final = 13  # x: the bits
SET_NULL: Final = 14  # x: 1 null, 0 not
JUMP: Final = 15  # to x
CALL: Final = 16  # x: a record's fields, ended by RETURN
RETURN: Final = 17
ITEMS: Final = 18  # blocks of items whose code follows, ended by NEXT; then on at x
NEXT: Final = 19
NOTHINGS: Final = 20  # blocks of items of no bytes
FAIL: Final = 21  # the writer's value has no place in the reader's schema
END: Final = 22

OK: Final = 0
NO_FRAME: Final = 1
OTHER_RECORD: Final = 2
INVALID: Final = 3
UNKNOWN_ID: Final = 4

_native = nb.njit(cache=True, nogil=True)


@_native
def _number(buffer: Bytes, at: int, end: int) -> tuple[int, int]:
    """A zigzag number and the position behind it, -1 if there is none."""
    value = np.uint64(0)
    shift = np.uint64(0)
    while at < end:
        byte = np.uint64(buffer[at])
        at += 1
        if shift == np.uint64(63) and byte > np.uint64(1):
            return 0, -1
        value |= (byte & np.uint64(0x7F)) << shift
        if byte < np.uint64(0x80):
            return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1)), at  # type: ignore[return-value]  # numba's int
        shift += np.uint64(7)
    return 0, -1


@_native
def _is_utf8(buffer: Bytes, at: int, end: int) -> bool:
    """True if buffer[at:end] is UTF-8 (RFC 3629, table in section 4)."""
    while at < end:
        first = buffer[at]
        at += 1
        if first < 0x80:
            continue
        if first < 0xC2 or first > 0xF4:
            return False
        more = 1 + (first >= 0xE0) + (first >= 0xF0)
        if end - at < more:
            return False
        low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
        high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
        if buffer[at] < low or buffer[at] > high:
            return False
        for k in range(1, more):
            if buffer[at + k] & 0xC0 != 0x80:
                return False
        at += more
    return True


@_native
def _block(buffer: Bytes, at: int, end: int, budget: int) -> tuple[int, int, int]:
    """Head of a block: items, position behind it (-1: invalid), announced end of the block (-1: none)."""
    count, at = _number(buffer, at, end)
    if at < 0:
        return 0, -1, -1
    block_end = -1
    if count < 0:
        size, at = _number(buffer, at, end)
        if at < 0 or size < 0 or size > end - at:
            return 0, -1, -1
        block_end = at + size
        count = -count
    if count < 0 or count > budget:  # the smallest number stays negative
        return 0, -1, -1
    return count, at, block_end


@_native
def _nothings(buffer: Bytes, at: int, end: int, budget: int) -> tuple[int, int]:
    """Passes over an array whose items take no bytes: position behind it (-1: invalid) and items left."""
    while True:
        count, at, block_end = _block(buffer, at, end, budget)
        if at < 0 or (block_end >= 0 and block_end != at):
            return -1, 0
        if count == 0:
            return at, budget
        budget -= count


@_native
def _bits(buffer: Bytes, at: int) -> np.uint64:
    """Eight little-endian bytes."""
    value = np.uint64(0)
    for k in range(8):
        value |= np.uint64(buffer[at + k]) << np.uint64(8 * k)
    return value


@_native
def _record(  # noqa: C901, PLR0911, PLR0912, PLR0913, PLR0915, PLR0917  an interpreter is one loop: calls cost
    code: Longs,
    pc: int,
    buffer: Bytes,
    at: int,
    end: int,
    row: int,
    longs: Longs,
    doubles: Doubles,
    nulls: Bytes,
    scratch: Bytes,
    stack: Longs,
) -> bool:
    """Runs one program over buffer[at:end]; True if it is exactly one valid record. Stack rows: return, items, end of block, after."""
    budget = end - at
    depth = 0
    bits = doubles.view(np.uint64)
    while True:
        op = code[pc]
        slot = code[pc + 1]
        x = code[pc + 2]
        y = code[pc + 3]
        pc += WIDTH
        if op <= LAST_NUMBER:
            value, at = _number(buffer, at, end)
            if at < 0:
                return False
            if op == LONG:
                if slot >= 0:
                    longs[slot, row] = value
            elif op in (TEXT, BYTES):
                if value < 0 or value > end - at or (op == TEXT and not _is_utf8(buffer, at, at + value)):
                    return False
                if slot >= 0:
                    longs[slot, row] = at
                    longs[slot + 1, row] = at + value
                at += value
            elif op == UNION:
                if value < 0 or value >= x:
                    return False
                pc = code[y + value]
            elif op == ENUM:
                if value < 0 or value >= x:
                    return False
                if y >= 0:
                    longs[slot, row] = code[y + value]
                    if code[y + value] < 0:
                        return False
            elif op == LONG_AS_DOUBLE:
                doubles[slot, row] = value
            else:
                if value < -0x80000000 or value > 0x7FFFFFFF:
                    return False
                if op == INT_AS_DOUBLE:
                    doubles[slot, row] = value
                elif slot >= 0:
                    longs[slot, row] = value
        elif op == DOUBLE:
            if end - at < 8:
                return False
            bits[slot, row] = _bits(buffer, at)
            at += 8
        elif op == SET_NULL:
            nulls[slot, row] = x
        elif op == END:
            return at == end
        elif op == JUMP:
            pc = x
        elif op == SET_LONG:
            longs[slot, row] = x
        elif op == SET_DOUBLE:
            bits[slot, row] = x
        elif op == FIXED:
            if x > end - at:
                return False
            at += x
        elif op == BOOLEAN:
            if at >= end or buffer[at] > 1:
                return False
            if slot >= 0:
                longs[slot, row] = buffer[at]
            at += 1
        elif op == FLOAT:
            if end - at < 4:
                return False
            for k in range(4):
                scratch[k] = buffer[at + k]
            doubles[slot, row] = scratch.view(np.float32)[0]
            at += 4
        elif op == CALL:
            if depth == DEPTH_MAX:
                return False
            stack[depth, 0] = pc
            depth += 1
            pc = x
        elif op == RETURN:
            depth -= 1
            pc = stack[depth, 0]
        elif op == NOTHINGS:
            at, budget = _nothings(buffer, at, end, budget)
            if at < 0 or depth == DEPTH_MAX:
                return False
        elif op in (ITEMS, NEXT):
            if op == ITEMS:
                if depth == DEPTH_MAX:
                    return False
                stack[depth, 0] = pc
                stack[depth, 1] = 0
                stack[depth, 2] = -1
                stack[depth, 3] = x
                depth += 1
            top = depth - 1
            if stack[top, 1] == 0:
                if stack[top, 2] >= 0 and stack[top, 2] != at:
                    return False
                count, at, block_end = _block(buffer, at, end, budget)
                if at < 0:
                    return False
                budget -= count
                stack[top, 1] = count
                stack[top, 2] = block_end
            if stack[top, 1] == 0:
                pc = stack[top, 3]
                depth -= 1
            else:
                stack[top, 1] -= 1
                pc = stack[top, 0]
        else:
            return False


@_native
def _schema_id(buffer: Bytes, at: int) -> int:
    """The four big-endian bytes behind the magic."""
    return (np.int64(buffer[at + 1]) << 24) | (np.int64(buffer[at + 2]) << 16) | (np.int64(buffer[at + 3]) << 8) | np.int64(buffer[at + 4])  # type: ignore[return-value]  # numba's int


@_native
def read_rows(  # noqa: D417, PLR0913, PLR0917  a kernel takes its arrays one by one
    code: Longs,
    ids: Longs,
    starts: Longs,
    buffer: Bytes,
    bounds: Longs,
    error: Bytes,
    schema_id: Longs,
    longs: Longs,
    doubles: Doubles,
    nulls: Bytes,
) -> int:
    """Reads every record of a batch; returns how many have an unknown schema id.

    Args:
        code: all programs, int64.
        ids, starts: schema ids known so far and where their programs start in code, -1: another record's.
        buffer, bounds: record i is buffer[bounds[i]:bounds[i + 1]].
        error, schema_id: written, one entry per record; schema_id is -1 without a frame.
        longs, doubles, nulls: written, one row per slot, one column per record.
    """
    stack = np.empty((DEPTH_MAX, 4), np.int64)
    scratch = np.empty(4, np.uint8)
    unknown = 0
    known = -1
    for row in range(len(bounds) - 1):
        at = bounds[row]
        end = bounds[row + 1]
        schema_id[row] = -1
        if at < 0 or end > len(buffer) or end - at < 5 or buffer[at] != 0:
            error[row] = NO_FRAME
            continue
        wanted = _schema_id(buffer, at)
        schema_id[row] = wanted
        if known < 0 or ids[known] != wanted:
            known = len(ids) - 1
            while known >= 0 and ids[known] != wanted:
                known -= 1
        if known < 0:
            error[row] = UNKNOWN_ID
            unknown += 1
        elif starts[known] < 0:
            error[row] = OTHER_RECORD
        else:
            valid = _record(code, starts[known], buffer, at + 5, end, row, longs, doubles, nulls, scratch, stack)
            error[row] = OK if valid else INVALID
    return unknown

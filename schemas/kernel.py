"""The machine that reads Avro bodies into columns: one numba kernel that interprets the programs of program.py.

A program is a row of int64 instructions (op, slot, x, y); slot -1 means: check and forget. The rules of strict.py hold:
the kernel refuses what they refuse, reads only within the record's own bytes and takes a number of steps bounded by them.
Every function has one exit and carries "invalid" as position -1: with several, numba counts references at each call, which
costs more than the work.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from schemas.blobs import Bytes, Longs
from schemas.shape import DEPTH_MAX
from schemas.zigzag import inlined, zigzag

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

OK, NO_FRAME, OTHER_RECORD, INVALID, UNKNOWN_ID = range(5)  # what became of a record

ASCII: Final = np.uint64(0x8080808080808080)  # no bit of this in eight bytes: all are ASCII


@inlined
def _bits(buffer: Bytes, at: int) -> np.uint64:
    """Eight little-endian bytes. An unsigned index is not tested for counting from the end: this becomes one load."""
    value = np.uint64(0)
    for k in range(8):
        value |= np.uint64(buffer[np.uint64(at + k)]) << np.uint64(8 * k)
    return value


@inlined
def _utf8(buffer: Bytes, at: int, end: int) -> int:
    """Returns end if buffer[at:end] is UTF-8 (RFC 3629, table in section 4), else -1."""
    while 0 <= at < end:
        if end - at >= 8 and _bits(buffer, at) & ASCII == 0:
            at += 8
            continue
        first = buffer[at]
        at += 1
        if first < 0x80:
            continue
        more = 1 + (first >= 0xE0) + (first >= 0xF0)
        if first < 0xC2 or first > 0xF4 or end - at < more:
            at = -1
            continue
        low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
        high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
        valid = low <= buffer[at] <= high
        for k in range(1, more):
            valid &= buffer[at + k] & 0xC0 == 0x80
        at = at + more if valid else -1
    return at


@inlined
def _block(buffer: Bytes, at: int, end: int, budget: int) -> tuple[int, int, int]:
    """Head of a block: items, position behind it (-1: invalid), announced end of the block (-1: none)."""
    block_end = -1
    count, at = zigzag(buffer, at, end)
    if count < 0 and at >= 0:
        size, at = zigzag(buffer, at, end)
        if size < 0 or size > end - at:
            at = -1
        block_end = at + size
        count = -count
    if count < 0 or count > budget:  # the smallest number stays negative
        at = -1
    return count, at, block_end


@inlined
def _nothings(buffer: Bytes, at: int, end: int, budget: int) -> tuple[int, int]:
    """Passes over an array whose items take no bytes: position behind it (-1: invalid) and items left."""
    count = 1
    while count > 0 and at >= 0:
        count, at, block_end = _block(buffer, at, end, budget)
        if block_end >= 0 and block_end != at:
            at = -1
        budget -= count
    return at, budget


@inlined
def read_rows(  # noqa: C901, D417, PLR0912, PLR0913, PLR0915, PLR0917  an interpreter is one loop: calls cost
    code: Longs,
    programs: Longs,
    buffer: Bytes,
    start: Longs,
    stop: Longs,
    error: Bytes,
    schema_id: Longs,
    longs: Longs,
    doubles: Doubles,
    nulls: Bytes,
) -> int:
    """Reads every record of a batch; returns how many have an unknown schema id.

    Args:
        code: all programs, int64.
        programs: a row (schema id, start in code) for each id known so far; start -1: another record's.
        buffer, start, stop: record i is buffer[start[i]:stop[i]].
        error, schema_id: written, one entry per record; schema_id is -1 without a frame.
        longs, doubles, nulls: written, one row per slot, one column per record.
    """
    stack = np.empty((DEPTH_MAX, 4), np.int64)
    quarter = np.empty(4, np.uint8)
    single = quarter.view(np.float32)
    bits = doubles.view(np.uint64)
    unknown = 0
    known = -1
    for row in range(len(start)):
        at = start[row]
        end = stop[row]
        schema_id[row] = -1
        if at < 0 or end > len(buffer) or end - at < 5 or buffer[at] != 0:
            error[row] = NO_FRAME
            continue
        wanted = np.int64(0)
        for k in range(1, 5):
            wanted = (wanted << 8) | np.int64(buffer[np.uint64(at + k)])
        schema_id[row] = wanted
        if known < 0 or programs[known, 0] != wanted:
            known = len(programs) - 1
            while known >= 0 and programs[known, 0] != wanted:
                known -= 1
        if known < 0 or programs[known, 1] < 0:
            error[row] = OTHER_RECORD if known >= 0 else UNKNOWN_ID
            unknown += known < 0
            continue
        pc = programs[known, 1]
        at += 5
        budget = end - at
        depth = 0
        while at >= 0:
            here = np.uint64(pc)
            op, slot, x, y = code[here], code[here + np.uint64(1)], code[here + np.uint64(2)], code[here + np.uint64(3)]
            pc += WIDTH
            if op <= LAST_NUMBER:
                number = np.uint64(0)  # zigzag, written out
                shift = np.uint64(0)
                part = np.uint64(0x80)
                while part >= np.uint64(0x80) and at < end and shift < np.uint64(70):
                    part = np.uint64(buffer[np.uint64(at)])
                    number |= (part & np.uint64(0x7F)) << shift
                    shift += np.uint64(7)
                    at += 1
                if part >= np.uint64(0x80) or (shift == np.uint64(70) and part > np.uint64(1)):
                    at = -1
                    continue
                value = np.int64(number >> np.uint64(1)) ^ -np.int64(number & np.uint64(1))
                if op == LONG:
                    if slot >= 0:
                        longs[slot, row] = value
                elif op in (TEXT, BYTES):
                    if value < 0 or value > end - at:
                        at = -1
                        continue
                    if slot >= 0:
                        longs[slot, row] = at
                        longs[slot + 1, row] = at + value
                    behind = at + value
                    while op == TEXT and behind - at >= 8 and _bits(buffer, at) & ASCII == 0:
                        at += 8
                    while op == TEXT and at < behind and buffer[np.uint64(at)] < 0x80:
                        at += 1
                    at = _utf8(buffer, at, behind) if op == TEXT and at < behind else behind
                elif op == UNION:
                    if value < 0 or value >= x:
                        at = -1
                    else:
                        pc = code[y + value]
                elif op == ENUM:
                    if value < 0 or value >= x:
                        at = -1
                    elif y >= 0:
                        longs[slot, row] = code[y + value]
                        at = at if code[y + value] >= 0 else -1
                elif op == LONG_AS_DOUBLE:
                    doubles[slot, row] = value
                elif value < -0x80000000 or value > 0x7FFFFFFF:
                    at = -1
                elif op == INT_AS_DOUBLE:
                    doubles[slot, row] = value
                elif slot >= 0:
                    longs[slot, row] = value
            elif op == DOUBLE:
                if end - at < 8:
                    at = -1
                else:
                    bits[slot, row] = _bits(buffer, at)
                    at += 8
            elif op == SET_NULL:
                nulls[slot, row] = x
            elif op == END:
                break
            elif op == JUMP:
                pc = x
            elif op == SET_LONG:
                longs[slot, row] = x
            elif op == SET_DOUBLE:
                bits[slot, row] = x
            elif op == FIXED:
                at = at + x if x <= end - at else -1
            elif op == BOOLEAN:
                if at >= end or buffer[at] > 1:
                    at = -1
                else:
                    if slot >= 0:
                        longs[slot, row] = buffer[at]
                    at += 1
            elif op == FLOAT:
                if end - at < 4:
                    at = -1
                else:
                    for k in range(4):
                        quarter[k] = buffer[at + k]
                    doubles[slot, row] = single[0]
                    at += 4
            elif op in (CALL, ITEMS, NOTHINGS) and depth == DEPTH_MAX:
                at = -1
            elif op == CALL:
                stack[depth, 0] = pc
                depth += 1
                pc = x
            elif op == RETURN:
                depth -= 1
                pc = stack[depth, 0]
            elif op == NOTHINGS:
                at, budget = _nothings(buffer, at, end, budget)
            elif op in (ITEMS, NEXT):
                if op == ITEMS:
                    stack[depth, 0] = pc
                    stack[depth, 1] = 0
                    stack[depth, 2] = -1
                    stack[depth, 3] = x
                    depth += 1
                top = depth - 1
                if stack[top, 1] == 0:
                    if stack[top, 2] >= 0 and stack[top, 2] != at:
                        at = -1
                        continue
                    count, at, block_end = _block(buffer, at, end, budget)
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
                at = -1
        error[row] = OK if at == end else INVALID
    return unknown

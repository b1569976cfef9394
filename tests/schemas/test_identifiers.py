import random
import subprocess
import sys
import uuid

import numpy as np
import pytest

from schemas.identifiers import HOUSE, deterministic_id, episode_id, murmur2, partition_of
from schemas.murmur import murmur2_bytes, partition_bytes

KAFKA = {  # org.apache.kafka.common.utils.UtilsTest
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "hashed"), KAFKA.items())
def test_murmur2_is_kafkas(key: bytes, hashed: int) -> None:
    assert murmur2(key) == hashed % 2**32
    assert partition_of(key, 7) == (hashed & 0x7FFFFFFF) % 7


def test_the_kernel_is_the_same() -> None:
    rng = random.Random(1)
    for _ in range(500):
        key = rng.randbytes(rng.randrange(40))
        buffer = np.frombuffer(b"xx" + key + b"yyyy", np.uint8)
        assert murmur2_bytes(buffer, 2, 2 + len(key)) == murmur2(key)
        assert partition_bytes(buffer, 2, 2 + len(key), 24) == partition_of(key, 24)


def test_ids_are_deterministic_and_keep_parts_apart() -> None:
    assert deterministic_id("a", "bc") == str(uuid.uuid5(HOUSE, "a\x1fbc"))
    assert deterministic_id("a", "bc") != deterministic_id("ab", "c")
    assert uuid.UUID(episode_id("P1", "machine", "P1.temp", "level1/limit", 0)).version == 5
    assert episode_id("P1", "machine", "P1.temp", "level1/limit", 0) == "217be904-1382-59d3-bed9-bff313fd5b4c"


def test_the_control_plane_loads_no_compiler() -> None:
    code = "import sys, schemas.codec, schemas.identifiers; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

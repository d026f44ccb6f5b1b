"""Our IGE encrypts to the same bytes as tgcrypto's."""

from __future__ import annotations

import random

import tgcrypto
from hypothesis import given
from hypothesis import strategies as st

from core.telegram.upload.ige import ige256_encrypt
from core.telegram.upload.wire import PART


@given(
    plain=st.integers(1, 12).flatmap(lambda blocks: st.binary(min_size=16 * blocks, max_size=16 * blocks)),
    key=st.binary(min_size=32, max_size=32),
    iv=st.binary(min_size=32, max_size=32),
)
def test_few_blocks_are_encrypted_as_tgcrypto_does(plain: bytes, key: bytes, iv: bytes) -> None:
    assert ige256_encrypt(memoryview(plain), key, iv) == tgcrypto.ige256_encrypt(plain, key, iv)


def test_a_whole_part_is_encrypted_as_tgcrypto_does() -> None:
    chance = random.Random(5)
    plain, key, iv = chance.randbytes(PART + 96), chance.randbytes(32), chance.randbytes(32)
    assert ige256_encrypt(memoryview(plain), key, iv) == tgcrypto.ige256_encrypt(plain, key, iv)

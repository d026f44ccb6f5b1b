"""The server's RSA key pair, with which a client begins the auth-key exchange."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from core.telegram.endpoint import Endpoint

_KEY_BITS = 2048
_MILLER_RABIN_ROUNDS = 24
_SMALL_PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)


@dataclass(frozen=True, slots=True)
class ServerKey:
    """A 2048-bit RSA key pair, as its two primes and the public exponent."""

    p: int
    q: int
    exponent: int = 65537

    @property
    def modulus(self) -> int:
        """The public modulus."""
        return self.p * self.q

    @property
    def fingerprint(self) -> int:
        """The signed 64-bit fingerprint by which a client recognises the key."""
        return self.endpoint("", 0).fingerprint

    def endpoint(self, host: str, port: int) -> Endpoint:
        """What a client needs to reach a server that holds this key."""
        return Endpoint(host, port, self.modulus, self.exponent)

    def decrypt(self, encrypted: bytes) -> bytes:
        """Undo the raw RSA encryption of a 256-byte block.

        Raises:
            ValueError: where the number is not below the modulus.
        """
        number = int.from_bytes(encrypted, "big")
        if number >= self.modulus:
            raise ValueError("the encrypted number is not below the modulus")
        return self._private_power(number).to_bytes(_KEY_BITS // 8, "big")

    def _private_power(self, number: int) -> int:
        # By the Chinese remainder theorem, four times as fast as one power of the whole modulus.
        p, q = self.p, self.q
        at_p = pow(number, pow(self.exponent, -1, p - 1), p)
        at_q = pow(number, pow(self.exponent, -1, q - 1), q)
        return at_q + q * ((at_p - at_q) * pow(q, -1, p) % p)

    @classmethod
    def generate(cls, source: random.Random | None = None) -> ServerKey:
        """Make a new key; with a seeded `source` the same one each time (about a second of work)."""
        source = source or random.SystemRandom()
        while True:
            p, q = _random_prime(_KEY_BITS // 2, source), _random_prime(_KEY_BITS // 2, source)
            if p != q:
                return cls(p, q)

    @classmethod
    def development(cls) -> ServerKey:
        """The fixed key for a server on this machine; it is public, so it protects nothing."""
        return cls(_DEVELOPMENT_P, _DEVELOPMENT_Q)

    def save(self, path: Path) -> None:
        """Write the key to `path` as JSON, readable by its owner only."""
        path.touch(mode=0o600)
        path.write_text(json.dumps({"p": hex(self.p), "q": hex(self.q), "exponent": self.exponent}))

    @classmethod
    def load(cls, path: Path) -> ServerKey:
        """Read a key that `save` wrote.

        Raises:
            OSError: where the file cannot be read.
            ValueError: where it holds no key.
        """
        try:
            stored = json.loads(path.read_text())
            key = cls(int(stored["p"], 16), int(stored["q"], 16), int(stored["exponent"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name} holds no server key") from error
        if key.modulus.bit_length() != _KEY_BITS:
            raise ValueError(f"{path.name} holds a key of the wrong size")
        return key


def is_prime(number: int, source: random.Random | None = None) -> bool:
    """Whether an odd `number` above 100 is prime, by Miller and Rabin's test (wrong once in 4**24)."""
    if any(number % small == 0 for small in _SMALL_PRIMES):
        return False
    source = source or random.SystemRandom()
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(_MILLER_RABIN_ROUNDS):
        x = pow(source.randrange(2, number - 1), odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


def random_prime(bits: int) -> int:
    """A prime of exactly `bits` bits (at least 8)."""
    return _random_prime(bits, random.SystemRandom())


def _random_prime(bits: int, source: random.Random) -> int:
    # The two highest bits are set so that a product of two such primes has twice the bits.
    while True:
        candidate = source.getrandbits(bits) | 0b11 << (bits - 2) | 1
        if candidate % 65537 != 1 and is_prime(candidate, source):
            return candidate


_DEVELOPMENT_P = int(
    "fb2c2b4b1132b56bcda370ceec9f5c2b0aa4e0ebaa393aca236917cda33c14f5"
    "8d86fadea5c63afb405ccc23766a383c7b4f222eaabe097107e019d4463c521a"
    "5165bf3de18465a7856420a25c781173d8116faefd709f2a21490402d61e82b3"
    "3450854bed50a9181dfc9b53fdf9096ee046ae8890ae1c2d584459bd2aac10b5",
    16,
)
_DEVELOPMENT_Q = int(
    "c7ca9208fb242150cc06f514e9dfcac1b1bc75cb336e2b58552fa75481cbd5a6"
    "3d643922f32d546516c843cf07e5194010b0c796b28750cb993211efbfd10cdd"
    "d7525387bf5a172fbb7f362e92db0c3821bcb223bc4901d9684b5b69144a6b30"
    "92fb59aada54b1629679d08fb20d9c9eccac8ac681fcfddfb58f012b2ed15289",
    16,
)

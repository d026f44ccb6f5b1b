"""Numbers that the world hands out: ids, access hashes, bot tokens; the same for the same seed."""

from __future__ import annotations

import hashlib
import random
import string

_TOKEN_ALPHABET = string.ascii_letters + string.digits + "_-"


class Ids:
    """A seedable source of ids.

    Ids of accounts lie above 2^32, as those of new Telegram accounts do, so that code which keeps them in
    32 bits fails here and not in production.
    """

    def __init__(self, seed: int | None) -> None:
        self.random = random.Random(seed)
        self._secret = self.random.randbytes(16)
        self._taken: set[int] = set()

    def account(self) -> int:
        """The id of a person or a bot."""
        return self._fresh(5_000_000_000, 8_999_999_999)

    def group(self) -> int:
        """The id of a basic group."""
        return self._fresh(4_000_000_000, 4_999_999_999)

    def channel(self) -> int:
        """The id of a channel or supergroup."""
        return self._fresh(1_500_000_000, 3_999_999_999)

    def long(self) -> int:
        """A positive 63-bit number: the id of a query, a file, an album."""
        return self.random.getrandbits(62) + 1

    def button(self) -> int:
        """The id of a log-in button, 31 bits."""
        return self.random.getrandbits(31)

    def token(self, bot_id: int) -> str:
        """A bot's token, `id:secret` as BotFather writes it."""
        return f"{bot_id}:AA{''.join(self.random.choices(_TOKEN_ALPHABET, k=33))}"

    def access_hash(self, viewer_id: int, target_id: int) -> int:
        """The number with which one account names another account or a channel; differs for every viewer."""
        digest = hashlib.blake2b(b"%d:%d" % (viewer_id, target_id), key=self._secret, digest_size=8).digest()
        return int.from_bytes(digest, "little", signed=True)

    def remember(self, taken: int) -> None:
        """Never hand out this id: a loaded world has it already."""
        self._taken.add(taken)

    @property
    def secret(self) -> bytes:
        """The key of the access hashes, saved with the world so that clients' stored peers stay valid."""
        return self._secret

    @secret.setter
    def secret(self, value: bytes) -> None:
        self._secret = value

    def _fresh(self, low: int, high: int) -> int:
        while (number := self.random.randint(low, high)) in self._taken:
            continue
        self._taken.add(number)
        return number

"""Hashes passwords with argon2id: slow on purpose, a few at a time, the same time for nobody."""

import secrets
from base64 import b64encode
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dougong.foundation.errors import refuse
from dougong.tenants.problems import PASSWORD_TOO_LONG, PASSWORD_TOO_SHORT, SERVER_BUSY

LEAST = 10
MOST = 200
AT_ONCE = 2
PATIENCE = 10.0
"""Seconds a sign-in waits for its turn to hash before it is told to come again."""

WORDS = 4
_QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Passwords:
    """Hashes and checks passwords, `AT_ONCE` at a time, so that a flood of sign-ins can't take
    every core and all memory (one hash takes about 64 MB and a tenth of a second).
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(at_once)
        self._nobody = _nobodys(self._hasher)

    def hash(self, password: str) -> str:
        """Return the encoded hash. Refuses a password that is too short or too long."""
        check_password(password)
        with self._turn():
            return self._hasher.hash(password)

    def fits(self, stored: str | None, password: str) -> bool:
        """Tell whether `password` is the one hashed as `stored`; takes as long when there is none."""
        if len(password) > MOST:
            password = password[:MOST]
            stored = None
        with self._turn():
            if stored is None or self.outdated(stored):
                self._verify(self._nobody, password)
            return stored is not None and self._verify(stored, password)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    def hash_random(self, password: str) -> str:
        """Hash a password of `random_password`: its 79 bits can't be guessed, however fast the hash.

        The first sign-in replaces the hash by one of the usual cost.
        """
        return _QUICK.hash(password)

    def outdated(self, stored: str) -> bool:
        """Tell whether `stored` was hashed with another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _turn(self) -> "_Turn":
        return _Turn(self._turns)


def _nobodys(hasher: PasswordHasher) -> str:
    """Write a hash that nobody's password has; to check against it takes as long as against any."""
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


class _Turn:
    """Holds one of the turns; refuses when none comes free in time."""

    def __init__(self, turns: BoundedSemaphore) -> None:
        self._turns = turns

    def __enter__(self) -> None:
        if not self._turns.acquire(timeout=PATIENCE):
            raise refuse(SERVER_BUSY)

    def __exit__(self, *_: object) -> None:
        self._turns.release()


def check_password(password: str) -> None:
    """Refuse a password outside `LEAST` to `MOST` characters."""
    if len(password) < LEAST:
        raise refuse(PASSWORD_TOO_SHORT, "password", least=LEAST)
    if len(password) > MOST:
        raise refuse(PASSWORD_TOO_LONG, "password", most=MOST)


def random_password() -> str:
    """Return a password a person can type: four groups of four letters and digits (79 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(WORDS))

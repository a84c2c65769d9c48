"""Recent: a bounded memory of things made once per shape; the longest unused go first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Recent(Generic[Made]):
    """Keeps at most `most` things by key; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made], *, keep: bool = True) -> Made:
        """Return what is kept under `key`, else make it (two threads may make it twice)."""
        with self._lock:
            if keep and key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        if keep:
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._kept)

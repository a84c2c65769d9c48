"""What the surroundings may do to a command, said so that a person can act on it."""

import os

from dougong.cli.problems import DATABASE_AWAY, DATABASE_BUSY, NO_DRIVER, PATH_UNFIT, STORAGE
from dougong.foundation.errors import Refused, refuse


def met(failure: Exception) -> Refused | None:
    """Return the refusal that says what a failure means; None for a mistake of ours."""
    from dougong.database.port import Busy, Lost, Storage  # noqa: PLC0415 -- most commands end well

    match failure:
        case ModuleNotFoundError(name="psycopg"):
            return refuse(NO_DRIVER)
        case Busy():
            return refuse(DATABASE_BUSY)
        case Lost():
            return refuse(DATABASE_AWAY, said=str(failure).splitlines()[0] if str(failure) else "")
        case Storage() | PermissionError():
            return refuse(STORAGE, said=str(failure))
        case OSError(filename=str() | bytes() as name, strerror=str() as said):
            return refuse(PATH_UNFIT, os.fsdecode(name), said=said)
        case _:
            return None

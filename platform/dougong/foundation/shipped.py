"""Finds metadata/, modules/, plugins/, web/ in a checkout and in a wheel."""

from importlib.resources import files
from pathlib import Path

SHIPPED = ("metadata", "modules", "plugins", "web")


def shipped_folder(name: str) -> Path:
    """Return the folder `name`; the wheel's copy wins over the checkout's.

    Raises LookupError for a name that is not shipped.
    """
    if name not in SHIPPED:
        raise LookupError(f"{name!r} is not shipped; shipped are {', '.join(SHIPPED)}")
    package = Path(str(files("dougong")))
    inside = package / "shipped" / name
    return inside if inside.is_dir() else package.parents[1] / name

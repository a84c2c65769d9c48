"""The sets of files that ship with dougong, and those of any folder, in the order they are laid."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from dougong.catalog.source import LAYERS, Layer, SourceSet, parse_file, read_folder
from dougong.catalog.values import Map
from dougong.foundation.shipped import shipped_folder

HEADS: Mapping[str, Layer] = {
    "module.yaml": "module", "plugin.yaml": "plugin", "tenant.yaml": "tenant",
}  # fmt: skip
"""The file that tells what a folder is."""


def platform_set() -> SourceSet:
    """Return the platform's own metadata: `metadata/system` and `metadata/dictionary`."""
    root = shipped_folder("metadata")
    system = read_folder(root / "system", "platform", "base")
    words = read_folder(root / "dictionary", "platform", "base")
    files = {**system.files, **{f"dictionary/{path}": text for path, text in words.files.items()}}
    return SourceSet("platform", "base", files, system.folder)


def head_of(source: SourceSet) -> Map:
    """Return the head file of a set as a map, an empty one when there is none."""
    name = next((name for name, layer in HEADS.items() if layer == source.layer), "module.yaml")
    text = source.files.get(name)
    if text is None:
        return Map()
    return parse_file(text, source.file(name)).body or Map()


def sets_in(folder: Path | str) -> tuple[SourceSet, ...]:
    """Return every module, plugin and tenant at or below a folder, found by its head file.

    The platform's own metadata, laid below everything anyway, is passed over.
    """
    root = Path(folder)
    found = []
    for name, layer in HEADS.items():
        for head in sorted(root.rglob(name)):
            if head.parent.name not in ("data", "tests"):
                source = read_folder(head.parent, layer)
                id_ = head_of(source).text(layer, source.id)
                if id_ != "base":
                    found.append(SourceSet(layer, id_, source.files, source.folder))
    return tuple(found)


@cache
def _shipped() -> Mapping[str, SourceSet]:
    folders = [shipped_folder(name) for name in ("modules", "plugins")]
    return {each.id: each for folder in folders if folder.is_dir() for each in sets_in(folder)}


def shipped_modules() -> tuple[str, ...]:
    """Return the ids of the modules and plugins that ship."""
    return tuple(_shipped())


def sets_for(modules: Iterable[str], extra: Sequence[SourceSet] = ()) -> tuple[SourceSet, ...]:
    """Return the platform, the named modules and plugins and all they need, each after its needs.

    `extra` are sets that come along: other modules, plugins, a tenant's layer (whose own modules
    count as named). Sets are laid platform, module, plugin, tenant. A module nobody has is left
    out here; assembling says so.
    """
    known = {**_shipped(), **{each.id: each for each in extra if each.layer != "tenant"}}
    tenants = [each for each in extra if each.layer == "tenant"]
    wanted = [*modules]
    for each in tenants:
        head = head_of(each)
        wanted += [*head.texts("modules"), *head.texts("plugins")]
    wanted += [each.id for each in extra if each.layer != "tenant"]
    ordered: dict[str, SourceSet] = {}
    for id_ in wanted:
        _take(id_, known, ordered, ())
    sets = sorted(ordered.values(), key=lambda each: LAYERS.index(each.layer))
    return (platform_set(), *sets, *tenants)


def _take(
    id_: str, known: Mapping[str, SourceSet], ordered: dict[str, SourceSet], above: tuple[str, ...]
) -> None:
    """Put a module after everything it needs; a circle of needs ends where it began."""
    if id_ in ordered or id_ in above or id_ not in known:
        return
    for needed in head_of(known[id_]).map("needs"):
        _take(needed, known, ordered, (*above, id_))
    ordered[id_] = known[id_]

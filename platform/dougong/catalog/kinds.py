"""The kinds of files: their folder, their schema and how their ids look."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file. `folder` holds one file per object; `single` is the name of the one file a
    module may have instead; `bare` ids have no module part.
    """

    name: str
    folder: str = ""
    single: str = ""
    bare: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        FileKind("module", single="module.yaml", bare=True),
        FileKind("plugin", single="plugin.yaml"),
        FileKind("tenant", single="tenant.yaml", bare=True),
        FileKind("dictionary", folder="dictionary"),
        FileKind("aspect", folder="aspects"),
        FileKind("entity", folder="entities"),
        FileKind("setting", folder="settings", single="setting.yaml"),
        FileKind("function", folder="functions"),
        FileKind("sequence", folder="sequences"),
        FileKind("form", folder="forms"),
        FileKind("list", folder="lists"),
        FileKind("menu", folder="menus", single="menu.yaml", bare=True),
        FileKind("role", folder="roles"),
        FileKind("guard", folder="guards"),
        FileKind("data", folder="data"),
        FileKind("import", folder="imports"),
        FileKind("extend", folder="changes"),
        FileKind("i18n", folder="i18n", bare=True),
        FileKind("test", folder="tests"),
    )
}
FOLDERS = {kind.folder: kind for kind in KINDS.values() if kind.folder}


def expected_path(kind: str, id_: str, target: str = "entity") -> str:
    """Return where the file of an object stands inside its module.

    `target` is the kind an overlay lays itself over.
    """
    known = KINDS[kind]
    name = id_.rpartition(".")[2]
    if kind == "extend":
        return f"changes/{id_}.yaml" if target == "entity" else f"changes/{target}.{id_}.yaml"
    if known.single and (not known.folder or "." not in id_):
        return known.single
    return f"{known.folder}/{name}.yaml"


def kind_at(path: str) -> str:
    """Return the kind that the folder of a path means, or ""."""
    folder, _, _ = path.rpartition("/")
    if folder in FOLDERS:
        return FOLDERS[folder].name
    return next((kind.name for kind in KINDS.values() if kind.single == path), "")

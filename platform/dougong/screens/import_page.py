"""ImportPage: bringing a table in — what its columns may fill, and the ways declared for it."""

from dataclasses import dataclass

from dougong.exchange.mapping import targets
from dougong.records.work import Work


@dataclass(frozen=True, slots=True)
class TargetModel:
    """A field a column may fill."""

    path: str
    label: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class MappingModel:
    """A declared way to read a file of this kind."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import into one entity; `urls` are upload, preview, import, job and list."""

    entity: str
    label: str
    targets: tuple[TargetModel, ...]
    mappings: tuple[MappingModel, ...]
    urls: dict[str, str]


def build_import(work: Work, entity_id: str, base: str) -> ImportPage:
    """Build the import page of an entity. Raises Refused (403) without the right to import."""
    access, entity = work.access(entity_id), work.entity(entity_id)
    access.demand("import")
    language = work.context.language
    open_targets = targets(entity, closed=access.hidden | access.read_only)
    return ImportPage(
        entity=entity_id,
        label=entity.label.say(language),
        targets=tuple(
            TargetModel(
                one.path,
                f"{entity.lines[one.path.partition('.')[0]].label.say(language)} · "
                f"{one.field.label.say(language)}"
                if "." in one.path
                else one.field.label.say(language),
                required=one.field.required is True,
            )
            for one in open_targets
        ),
        mappings=tuple(
            MappingModel(one.id, one.label.say(language))
            for one in work.catalog.imports.values()
            if one.entity == entity_id
        ),
        urls={
            "upload": f"{base}/api/files",
            "preview": f"{base}/api/imports/preview",
            "import": f"{base}/api/imports",
            "job": f"{base}/jobs",
            "list": f"{base}/{entity_id}",
        },
    )

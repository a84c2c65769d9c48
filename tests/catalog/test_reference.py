from dougong.catalog.reference import reference
from dougong.catalog.schema import resolve, schemas
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.shipped import shipped_folder


def test_the_reference_is_written_from_the_schemas():
    page = (shipped_folder("metadata") / "README.md").read_text(encoding="utf-8")
    assert page == reference(), "write it again: python -m dougong.catalog.reference"


def test_every_field_type_stands_in_the_reference_and_in_the_example():
    page = reference()
    example = (
        shipped_folder("metadata") / "examples/real_world/entities/every_type.yaml"
    ).read_text(encoding="utf-8")
    for name in FIELD_TYPES:
        assert f"| `{name}` |" in page
        assert f"type: {name}," in example or name in ("code",), name


def test_every_key_of_a_field_is_used_in_the_examples():
    folder = shipped_folder("metadata")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*/**/*.yaml")))
    for key in resolve(schemas()["common"]["$defs"]["field"])["properties"]:
        assert f"{key}: " in text, key

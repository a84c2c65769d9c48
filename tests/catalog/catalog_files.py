"""Short ways to assemble a few files in a test."""

from collections.abc import Mapping

from dougong.catalog.assemble import Assembled, assemble
from dougong.catalog.shipped_sets import platform_set
from dougong.catalog.source import SourceSet

HEAD = "module: shop\nlabel: {zh: 商店, en: Shop}\nversion: 1.0.0\n"
PLUGIN = (
    "plugin: acme.box\nlabel: {zh: 盒, en: Box}\nversion: 1.0.0\npublisher: Acme\nnamespace: acme\n"
)


def module(files: Mapping[str, str], id_: str = "shop") -> SourceSet:
    head = HEAD.replace("shop", id_)
    return SourceSet("module", id_, {"module.yaml": head, **files}, f"modules/{id_}")


def plugin(files: Mapping[str, str]) -> SourceSet:
    return SourceSet("plugin", "acme.box", {"plugin.yaml": PLUGIN, **files}, "plugins/box")


def tenant(files: Mapping[str, str]) -> SourceSet:
    return SourceSet("tenant", "north", dict(files), "north")


def build(*sets: SourceSet) -> Assembled:
    return assemble([platform_set(), *sets])


def codes(assembled: Assembled) -> list[str]:
    return [problem.code for problem in assembled.problems]


def said(assembled: Assembled) -> str:
    return "\n".join(str(problem) for problem in assembled.problems)

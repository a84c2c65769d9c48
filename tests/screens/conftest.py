"""The shipped modules as a catalog, made once; words and a reader."""

import pytest

from dougong.catalog.assemble import assemble
from dougong.catalog.catalog import Catalog
from dougong.catalog.shipped_sets import sets_for
from dougong.screens.values import Reader
from dougong.screens.words import Words


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    made = assemble(sets_for(["sales"])).catalog
    assert made is not None
    return made


@pytest.fixture
def reader() -> Reader:
    return Reader(Words("zh"), "Asia/Shanghai")

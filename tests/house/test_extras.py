"""What `pip install .` brings is enough for SQLite: PostgreSQL and Excel are extras."""

import subprocess
import sys

WITHOUT_EXTRAS = """
import importlib, pkgutil, sys

for name in ("psycopg", "psycopg_pool", "python_calamine", "xlsxwriter"):
    sys.modules[name] = None
import dougong
needs = []
for found in pkgutil.walk_packages(dougong.__path__, "dougong."):
    if found.name == "dougong.__main__":
        continue
    try:
        importlib.import_module(found.name)
    except ImportError as error:
        needs.append((found.name, error.name))
print(needs)
"""


def test_only_the_doors_to_postgresql_need_its_driver():
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(
        [("dougong.database.postgres", "psycopg"), ("dougong.database.provision", "psycopg")]
    )

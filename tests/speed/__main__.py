"""`python -m tests.speed`: runs the benches and prints each figure beside its budget.

Ratios hold on any machine: both sides are measured in turns in one run. Exits with 1 when a figure
misses its budget (not with --tiny, which only shows that everything runs).
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator

from tests.speed import bulk, house, large_catalog, many_tenants, orders, search
from tests.speed.report import Figure

BENCHES = ("orders", "bulk", "search", "tenants", "catalog")
DIALECTS = ("sqlite", "postgresql")


def figures(bench: str, dialect: str, *, tiny: bool) -> Iterator[Figure]:
    """Run one bench on one database, in a place of its own."""
    with house.settings_of(dialect) as settings:
        match bench:
            case "orders":
                rounds, each = (2, 8) if tiny else (16, 120)
                yield from orders.run(house.build(settings), rounds=rounds, each=each)
            case "bulk":
                rounds, each = (1, 50) if tiny else (8, 2_000)
                yield from bulk.run(house.build(settings), rounds=rounds, each=each)
            case "search":
                many, times = (300, 1) if tiny else (100_000, 20)
                yield from search.run(house.build(settings), many=many, times=times)
            case "tenants":
                yield from many_tenants.run(settings, dialect, many=3 if tiny else 100)
            case _:
                entities, fields = (20, 20) if tiny else (500, 20)
                yield from large_catalog.run(settings, entities=entities, fields=fields)


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.speed", description=__doc__)
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=", ".join(BENCHES))
    parser.add_argument("--database", choices=DIALECTS, action="append")
    parser.add_argument("--tiny", action="store_true", help="only show that everything runs")
    asked = parser.parse_args()
    missed = 0
    for bench in asked.benches or BENCHES:
        for dialect in asked.database or DIALECTS:
            if bench == "catalog" and dialect != "sqlite":
                continue
            for figure in figures(bench, dialect, tiny=asked.tiny):
                print(figure.line(dialect), flush=True)
                missed += not figure.holds
    return int(missed > 0 and not asked.tiny)


if __name__ == "__main__":
    sys.exit(main())

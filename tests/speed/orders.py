"""What metadata costs on the wire: creates, reads and lists against the twin written by hand.

Both servers work on the same tables of the same tenant. They are asked in turns, and what is
compared is the CPU time each server process used, so a busy machine disturbs both alike. On
PostgreSQL the time of the database's own processes stands beside it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median

from tests.speed.house import House
from tests.speed.report import Figure
from tests.speed.wire import Client, Server, cpu_of, request, running, shown

from dougong.foundation.settings import Settings

BUDGETS = {"create": 1.15, "get": 1.25, "list": 1.25}
LINES = 10
BASES = {"dougong": "/t/bench/api/x.order", "twin": "/orders"}


def order_body(house: House, n: int) -> bytes:
    stores = house.warehouses
    items = [
        {
            "item": str(house.items[(n + at) % len(house.items)]), "qty": "2.5", "price": "100.00",
            "discount": "0.05", "tax_rate": "0.13", "description": f"Line {at}", "batch": "B1",
            "warehouse": str(stores[at % len(stores)]), "due": "2026-07-01", "note": "as agreed",
        }
        for at in range(LINES)
    ]  # fmt: skip
    order = {
        "customer": str(house.customers[n % len(house.customers)]), "date": "2026-06-03",
        "due": "2026-07-01", "warehouse": str(stores[0]), "channel": "web" if n % 2 else "shop",
        "reference": f"R {n}", "ship_to": "12 Harbour Road", "phone": "021-12345678",
        "note": "handle with care", "items": items,
    }  # fmt: skip
    return json.dumps(order).encode()


def run(
    house: House, *, rounds: int, each: int, kinds: Sequence[str] = tuple(BUDGETS)
) -> Iterator[Figure]:
    """Measure; `each` requests of a kind are sent to each server in each of `rounds` rounds."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(name, command, house.settings))
            for name, command in (
                ("dougong", ["-m", "dougong", "serve", "--no-jobs"]),
                ("twin", ["-m", "tests.speed.twin"]),
            )
        }
        clients = {name: Client(server) for name, server in servers.items()}
        for client in clients.values():
            stack.callback(client.close)
        check_equal(house, clients)
        keys = count()
        known = ids_known(house, clients["twin"])
        asked: dict[str, tuple[Callable[[str], list[bytes]], int]] = {
            "create": (
                lambda base: [
                    request("POST", base, house.token, order_body(house, n), f"k{next(keys)}")
                    for n in range(each)
                ],
                201,
            ),
            "get": (
                lambda base: [
                    request("GET", f"{base}/{known[n % len(known)]}", house.token)
                    for n in range(2 * each)
                ],
                200,
            ),
            "list": (
                lambda base: [
                    request("GET", f"{base}?sort=-number&limit=50", house.token)
                    for _ in range(each)
                ],
                200,
            ),
        }
        database = backends(house.settings)
        for kind in kinds:
            wires, status = asked[kind]
            yield from measure(kind, wires, status, servers, clients, rounds, database)


def check_equal(house: House, clients: dict[str, Client]) -> None:
    """Both must give the same answers but for ids, numbers and times."""
    seen = []
    for name, client in clients.items():
        base = BASES[name]
        status, made = client.ask(
            request("POST", base, house.token, order_body(house, 1), "same" + name)
        )
        told = shown(made)
        read = shown(client.ask(request("GET", f"{base}/{told['id']}", house.token))[1])
        assert status == 201, told
        assert {**read, "items": 0} == {**told, "items": 0}, (told, read)
        for line in (*told["items"], *read["items"]):
            line["id"] = ""
        assert told["items"] == read["items"]
        drop = ("id", "number", "created", "changed")
        seen.append({key: value for key, value in read.items() if key not in drop})
        for _ in range(60):
            client.ask(request("POST", base, house.token, order_body(house, 1)))
    assert seen[0] == seen[1], seen
    one, other = (
        shown(client.ask(request("GET", f"{BASES[name]}?sort=-number&limit=50", house.token))[1])
        for name, client in clients.items()
    )
    assert one["rows"] == other["rows"]
    assert len(one["rows"]) == 50
    assert one["next"]
    assert other["next"]


def ids_known(house: House, client: Client) -> list[str]:
    told = shown(client.ask(request("GET", "/orders?limit=100", house.token))[1])
    return [row["id"] for row in told["rows"]]


def backends(settings: Settings) -> Callable[[], float]:
    """Tell the CPU seconds of the database's own processes (0 for SQLite, which has none)."""
    if not settings.database_url:
        return lambda: 0.0
    import psycopg

    with psycopg.connect(settings.database_url) as asked:
        row = asked.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        parent = int(Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()[1])

    def total() -> float:
        found = 0.0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                    found += cpu_of(int(stat.parent.name))
            except OSError:
                continue
        return found

    return total


def measure(
    kind: str,
    wires: Callable[[str], list[bytes]],
    status: int,
    servers: dict[str, Server],
    clients: dict[str, Client],
    rounds: int,
    database: Callable[[], float],
) -> Iterator[Figure]:
    spent: dict[str, list[float]] = {name: [] for name in servers}
    beside: dict[str, float] = dict.fromkeys(servers, 0.0)
    for name, client in clients.items():
        client.ask_all(wires(BASES[name]), status)
    for turn in range(rounds):
        order = list(servers) if turn % 2 else list(servers)[::-1]
        for name in order:
            sent = wires(BASES[name])
            before, apart = servers[name].cpu(), database()
            clients[name].ask_all(sent, status)
            spent[name].append((servers[name].cpu() - before) / len(sent) * 1e6)
            beside[name] += (database() - apart) / len(sent) * 1e6 / rounds
    ratio = median(
        ours / theirs for ours, theirs in zip(spent["dougong"], spent["twin"], strict=True)
    )
    ours, theirs = median(spent["dougong"]), median(spent["twin"])
    said = f"{ours:.0f} µs against {theirs:.0f} µs of CPU a request"
    if beside["dougong"]:
        said += f"; in the database {beside['dougong']:.0f} against {beside['twin']:.0f} µs"
    yield Figure(kind, ratio, BUDGETS[kind], "×", said)

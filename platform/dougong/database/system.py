"""The tables of the platform itself, declared like all others and created in every tenant.

Their columns are written `name: kind`, a trailing `!` means required. Times are UTC. `user` is the
id of a base.user, 0 when nobody was signed in.
"""

from typing import Final

from dougong.database.tables import Column, Index, Table
from dougong.database.types import TYPES

SEQUENCE: Final = "dougong_id"
"""PostgreSQL's sequence of id blocks: each `nextval` hands out that id and the 999 after it. SQLite
has the row ('id', '') of dougong_counter instead."""
BLOCK: Final = 1000

SEARCH_WORDS: Final = (
    "On SQLite dougong_search is FTS5 with rowid = record; on PostgreSQL `words` is a tsvector."
)


def _table(
    name: str,
    key: str,
    columns: str,
    *,
    indexes: dict[str, str] | None = None,
    unique: tuple[str, ...] = (),
    default: dict[str, dict[str, str]] | None = None,
    instead: dict[str, str] | None = None,
    after: dict[str, list[str]] | None = None,
    using: dict[str, dict[str, str]] | None = None,
) -> Table:
    """Build a system table from words; `indexes` maps a short name to its columns."""
    made: dict[str, Column] = {}
    for word in columns.split():
        column, kind = word.split(":")
        made[column] = Column(
            name=column,
            kind=kind.rstrip("!"),
            types=TYPES[kind.rstrip("!")],
            required=kind.endswith("!"),
            default=(default or {}).get(column, {}),
        )
    kept: dict[str, Index] = {}
    for short, names in (indexes or {}).items():
        index = f"{name}__{short}"
        kept[index] = Index(
            index, tuple(names.split()), short in unique, (using or {}).get(short, {})
        )
    return Table(
        name=name, key=tuple(key.split()), columns=made, indexes=kept, module="dougong",
        instead=instead or {}, after=after or {},
    )  # fmt: skip


SYSTEM_TABLES: Final[tuple[Table, ...]] = (
    # caches in a process are valid only for the stamp read: `catalog`, `security`
    _table("dougong_stamp", "name", "name:text! value:integer!"),
    # numbers handed out: document numbers by rule and period, id blocks on SQLite
    _table(
        "dougong_counter", "name per", "name:text! per:text! n:integer!",
        after={"postgresql": [f'create sequence @."{SEQUENCE}" increment {BLOCK} start {BLOCK}']},
    ),
    # who changed what: one row per record change, changes {path: [old, new]}; tx orders commits
    _table(
        "dougong_trail", "id",
        "id:integer! at:datetime! user:integer! login:text! door:text! entity:text! record:integer!"
        " version:integer action:text! changes:json! company:integer trace:text! tx:integer!",
        default={"tx": {"sqlite": "0", "postgresql": "(pg_current_xact_id()::text::bigint)"}},
        indexes={"by_record": "entity record id", "by_tx": "tx id", "by_trace": "trace"},
    ),
    # idempotency: the answer that was given to a key
    _table(
        "dougong_key", "user route key",
        "user:integer! route:text! key:text! body:text! status:integer! answer:text! record:integer"
        " at:datetime!",
        indexes={"by_age": "at"},
    ),
    # sign-in: password hashes are no field of base.user
    _table(
        "dougong_credential", "user",
        "user:integer! hash:text! changed:datetime! must_change:boolean!",
    ),
    _table(
        "dougong_attempt", "id", "id:integer! login:text! address:text! at:datetime! good:boolean!",
        indexes={"by_login": "login at", "by_address": "address at"},
    ),
    _table(
        "dougong_session", "token",
        "token:text! user:integer! csrf:text! started:datetime! seen:datetime! expires:datetime!"
        " address:text! agent:text! company:integer language:text",
        indexes={"by_user": "user", "by_expiry": "expires"},
    ),
    _table(
        "dougong_token", "id",
        "id:integer! hash:text! user:integer! label:text! created:datetime! created_by:integer!"
        " expires:datetime used:datetime revoked:datetime",
        indexes={"by_hash": "hash", "by_user": "user"}, unique=("by_hash",),
    ),
    # work to do later: `state` is waiting, running, done or failed
    _table(
        "dougong_job", "id",
        "id:integer! kind:text! key:text body:json! state:text! run_at:datetime! tries:integer!"
        " held_by:text held_until:datetime error:text made:datetime! made_by:integer! ended:datetime"
        " done:integer! total:integer! note:text! stopping:boolean! answer:json trace:text!",
        indexes={"by_time": "state run_at", "by_key": "kind key"}, unique=("by_key",),
    ),
    # one import: what it made and changed, so that it can be undone
    _table(
        "dougong_batch", "id",
        "id:integer! at:datetime! user:integer! login:text! entity:text! mapping:text! file:text!"
        " created:integer! changed:integer! refused:integer! undone:datetime undone_by:integer",
        indexes={"by_time": "at"},
    ),
    _table(
        "dougong_batch_row", "batch record",
        "batch:integer! record:integer! entity:text! status:text! version:integer! before:json",
    ),
    # the search index: words are overlapping pairs of characters (see SEARCH_WORDS)
    _table(
        "dougong_search", "record", "record:integer! entity:text! words:words!",
        indexes={"by_words": "words", "by_entity": "entity"},
        using={"by_words": {"sqlite": "", "postgresql": "gin"}, "by_entity": {"sqlite": ""}},
        instead={
            "sqlite": 'create virtual table "dougong_search" using fts5'
            "(entity unindexed, record unindexed, words, tokenize = 'unicode61')"
        },
    ),
    # the tenant's own YAML, every version of it; `text` is null where the file was removed
    _table(
        "dougong_layer", "id",
        "id:integer! path:text! version:integer! text:text at:datetime! user:integer! login:text!"
        " why:text! current:boolean!",
        indexes={"by_path": "path version"}, unique=("by_path",),
    ),
    # what was applied: the declared state and the packed sources it came from, newest id last
    _table(
        "dougong_lock", "id",
        "id:integer! fingerprint:text! state_hash:text! state:bytes! sources:bytes! at:datetime!",
    ),
    # every apply and rollback: who, when, why, which plan; `lock` is the one it made
    _table(
        "dougong_journal", "id",
        "id:integer! at:datetime! user:integer! login:text! why:text! act:text! plan:json! diff:json!"
        " before:integer lock:integer! undone:boolean!",
    ),
    # what a destructive step took away: the row's values as JSON
    _table(
        "dougong_parked", "id",
        "id:integer! journal:integer! step:integer! origin:text! row:json!",
        indexes={"by_step": "journal step id"},
    ),
    # column widths, page sizes, defaults of one person
    _table("dougong_preference", "user key", "user:integer! key:text! value:json!"),
    # files that belong to a record
    _table(
        "dougong_file", "id",
        "id:integer! entity:text! record:integer! name:text! type:text! size:integer! hash:text!"
        " at:datetime! user:integer!",
        indexes={"by_record": "entity record"},
    ),
)  # fmt: skip

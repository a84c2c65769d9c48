"""The statements over the tables of imports, for both databases."""

from dougong.fields.field_type import Dialect

ADD_BATCH = (
    'INSERT INTO @."dougong_batch" ("id", "at", "user", "login", "entity", "mapping", "file",'
    ' "created", "changed", "refused") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
)
COUNT_BATCH = (
    'UPDATE @."dougong_batch" SET "created" = "created" + ?, "changed" = "changed" + ?,'
    ' "refused" = "refused" + ? WHERE "id" = ?'
)
LIST_BATCHES = (
    'SELECT "id", "at", "login", "entity", "file", "created", "changed", "refused", "undone"'
    ' FROM @."dougong_batch" ORDER BY "id" DESC LIMIT ?'
)
LIST_BATCHES_OF = (
    'SELECT "id", "at", "login", "entity", "file", "created", "changed", "refused", "undone"'
    ' FROM @."dougong_batch" WHERE "entity" = ? ORDER BY "id" DESC LIMIT ?'
)
READ_BATCH = 'SELECT "entity", "undone" FROM @."dougong_batch" WHERE "id" = ?'
END_BATCH = 'UPDATE @."dougong_batch" SET "undone" = ?, "undone_by" = ? WHERE "id" = ?'
TRAIL_OF_BATCH = (
    'SELECT "record", "version", "action", "changes" FROM @."dougong_trail"'
    ' WHERE "trace" = ? AND "entity" = ? ORDER BY "version" DESC, "id" DESC'
)
LAST_HAND = (
    'SELECT "login" FROM @."dougong_trail" WHERE "entity" = ? AND "record" = ?'
    ' ORDER BY "version" DESC, "id" DESC LIMIT 1'
)


def for_dialect(text: str, dialect: Dialect) -> str:
    """Write the placeholders as the database wants them."""
    return text if dialect == "sqlite" else text.replace("?", "%s")

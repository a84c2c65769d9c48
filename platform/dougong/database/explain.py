"""A plan in words: one sentence per step, in Chinese and English."""

from collections.abc import Iterator
from typing import Final

from dougong.database.plan import Plan
from dougong.database.steps import (
    AddColumn,
    AddIndex,
    AddKey,
    AnyStep,
    ConvertColumn,
    CreateTable,
    DropColumn,
    DropIndex,
    DropKey,
    DropTable,
    FillColumn,
    HoldLinks,
    LoosenColumn,
    Reindex,
    RenameColumn,
    RenameTable,
    RequireColumn,
    Restore,
)
from dougong.database.tables import Column, named
from dougong.foundation.translate import Label

LEVELS: Final = {
    "safe": Label.of({"zh": "安全", "en": "safe"}),
    "back-fill": Label.of({"zh": "回填", "en": "back-fill"}),
    "destructive": Label.of({"zh": "移走数据", "en": "destructive"}),
}
_MARKS: Final = {"safe": "+", "back-fill": "~", "destructive": "!"}


def lines(plan: Plan, language: str) -> Iterator[str]:
    """Say the plan line by line, as `dougong plan` prints it."""
    if not plan.steps:
        yield {"zh": "没有变化。"}.get(language, "Nothing changes.")
        return
    for step in plan.steps:
        text = sentence(step).say(language)
        if text:
            yield f"{_MARKS[step.level]} {text}"
    yield f"# {plan.hash[:12]}"


def sentence(step: AnyStep) -> Label:
    """Say one step. Empty for a step that only completes the one before it."""
    zh, en = _words(step)
    return Label.of({"zh": zh, "en": en}) if en else Label()


def _words(step: AnyStep) -> tuple[str, str]:
    table = step.table
    match step:
        case CreateTable():
            zh, en = _both(step.made.label, table)
            return (
                f"新建表 {table}（{zh}），{len(step.made.columns)} 列",
                f"create table {table} ({en}) with {len(step.made.columns)} columns",
            )
        case DropTable():
            return (
                f"删除表 {table}，{step.rows} 行移入存放区",
                f"drop table {table}; its {step.rows} rows are parked",
            )
        case RenameTable():
            return (
                f"{step.before.entity or table} 改名为 {step.after.entity}（表 {step.after.name}），数据保留",
                f"rename {step.before.entity or table} to {step.after.entity}"
                f" (table {step.after.name}); the data stays",
            )
        case HoldLinks():
            return "", ""
        case Restore():
            what = f"{table}.{step.columns[0]}" if step.columns else table
            return f"恢复 {what} 存放的数据", f"put back what was parked of {what}"
        case Reindex():
            return (
                f"重建 {table} 的排序与搜索（{step.rows} 行）",
                f"make sort keys and search words of {table} anew ({step.rows} rows)",
            )
        case AddIndex() | DropIndex() | AddKey() | DropKey():
            return _structure(step)
        case _:
            return _column(step)


def _structure(step: AddIndex | DropIndex | AddKey | DropKey) -> tuple[str, str]:
    table = step.table
    match step:
        case AddIndex():
            columns = ", ".join(step.index.columns)
            kind = ("唯一索引", "unique index") if step.index.unique else ("索引", "index")
            return f"{table} 增加{kind[0]}（{columns}）", f"add a {kind[1]} to {table} ({columns})"
        case DropIndex():
            return f"{table} 去掉索引 {step.index.name}", f"drop index {step.index.name} of {table}"
        case AddKey():
            where = f"{table}.{step.key.column}"
            return (
                f"{where} 必须指向 {step.key.target} 中的行",
                f"{where} must point into {step.key.target}",
            )
        case DropKey():
            where = f"{table}.{step.key.column}"
            return (
                f"{where} 不再受 {step.key.target} 约束",
                f"{where} is no longer held to {step.key.target}",
            )


def _column(
    step: AddColumn
    | RenameColumn
    | ConvertColumn
    | FillColumn
    | RequireColumn
    | LoosenColumn
    | DropColumn,
) -> tuple[str, str]:
    table = step.table
    match step:
        case AddColumn():
            zh, en = _both(step.column.label, step.column.name)
            name, kind = f"{table}.{step.column.name}", _kind(step.column)
            return f"增加 {name}（{zh}，{kind}）", f"add {name} ({en}, {kind})"
        case RenameColumn():
            return (
                f"{table}.{step.before} 改名为 {step.after}，数据保留",
                f"rename {table}.{step.before} to {step.after}; the data stays",
            )
        case ConvertColumn():
            name = f"{table}.{step.after.name}"
            old, new = _kind(step.before), _kind(step.after)
            if step.lossy:
                return (
                    f"{name} 从 {old} 改为 {new}：{step.rows} 个值要舍入，原值移入存放区",
                    f"change {name} from {old} to {new}: {step.rows} values are rounded, the old ones parked",
                )
            return (
                f"{name} 从 {old} 改为 {new}，{step.rows} 个值不变",
                f"change {name} from {old} to {new}; {step.rows} values keep their meaning",
            )
        case FillColumn():
            name = f"{table}.{step.column}"
            return (
                f"按“{step.formula}”填写 {name}（{step.rows} 行）",
                f"fill {name} by “{step.formula}” ({step.rows} rows)",
            )
        case RequireColumn():
            return (
                f"{table}.{step.column} 不再允许为空",
                f"{table}.{step.column} may no longer be empty",
            )
        case LoosenColumn():
            return f"{table}.{step.column} 允许为空", f"{table}.{step.column} may be empty"
        case DropColumn():
            name = f"{table}.{step.column.name}"
            if not step.rows:
                return f"删除 {name}（没有数据）", f"drop {name} (it holds nothing)"
            return (
                f"删除 {name}，{step.rows} 个值移入存放区",
                f"drop {name}; its {step.rows} values are parked",
            )


def _both(label: dict[str, str], otherwise: str) -> tuple[str, str]:
    said = named(label, otherwise)
    return said.say("zh"), said.say("en")


def _kind(column: Column) -> str:
    return f"{column.kind}({column.scale})" if column.kind == "number" else column.kind

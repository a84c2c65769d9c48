"""Writes the metadata of a large business: modules of entities with lines, formulas, roles, screens."""

from dougong.catalog.source import SourceSet

KINDS = ("text", "money", "quantity", "date", "boolean", "integer", "choice", "link")


def field(number: int, entity: int, entities: int, module: str) -> str:
    kind = KINDS[number % len(KINDS)]
    name = f"{kind}_{number}"
    label = f"label: {{zh: 字段{number}, en: Field {number}}}"
    if kind == "link":
        other = (entity * 7 + number) % entities
        target = f"m{other % 10}.entity_{other}"
        return f"  {name}: {{type: link, to: {target}, {label}, where: boolean_4}}"
    if kind == "choice":
        options = "options: {low: {zh: 低, en: Low}, high: {zh: 高, en: High}}"
        return f"  {name}: {{type: choice, {label}, {options}, default: \"'low'\"}}"
    if kind == "money":
        return f'  {name}: {{type: money, {label}, formula: "round(sum(items.amount) * {number}.5, 2)", store: true}}'
    if kind == "quantity":
        return f'  {name}: {{type: quantity, {label}, required: true, check: "{name} >= 0 and {name} < {number}000"}}'
    if kind == "date":
        return f"  {name}: {{type: date, {label}, default: date + {number}}}"
    if kind == "integer":
        return f'  {name}: {{type: integer, {label}, default: "if(boolean_4, {number}, 0)"}}'
    if kind == "boolean":
        return f'  {name}: {{type: boolean, {label}, default: "true"}}'
    return f"  {name}: {{type: text, {label}, length: 100, visible: boolean_4}}"


def entity(number: int, fields: int, entities: int) -> str:
    module = f"m{number % 10}"
    head = [
        f"entity: {module}.entity_{number}",
        f"label: {{zh: 实体{number}, en: Entity {number}}}",
        "use: [base.document]",
        'title: "{number} {text_0}"',
        "search: [number, text_0]",
        "fields:",
    ]
    header = [field(each, number, entities, module) for each in range(fields - 4)]
    lines = [
        "lines:",
        "  items:",
        "    label: {zh: 明细, en: Lines}",
        "    min: 1",
        "    fields:",
        "      item: {type: link, to: m0.entity_0, label: {zh: 物料, en: Item}, required: true}",
        '      qty: {type: quantity, label: {zh: 数量, en: Qty}, required: true, check: "qty > 0"}',
        '      price: {type: price, label: {zh: 单价, en: Price}, default: "round(item.money_1 / 2, 6)"}',
        f'      amount: {{type: money, label: {{zh: 金额, en: Amount}}, formula: "round(qty * price * {number}, 2)", store: true}}',
    ]
    rules = [
        "rules:",
        "  limit:",
        "    when: state == 'approved'",
        f"    check: money_1 <= {number + 1}000",
        "    say: {zh: '超出 {money_1}', en: 'Over {money_1}'}",
        "states: {approved: {edit: [text_0]}}",
        "indexes: {by_date: [date, text_0]}",
    ]
    return "\n".join([*head, *header, *lines, *rules]) + "\n"


def role(module: str, ids: list[str]) -> str:
    grants = [
        f"  {id_}: {{read: {{rows: \"owner == user or text_0 == 'x'\"}}, create: true, update: true, act: [submit], hide: [items.price]}}"
        for id_ in ids
    ]
    return (
        "\n".join([f"role: {module}.clerk", "label: {zh: 文员, en: Clerk}", "grants:", *grants])
        + "\n"
    )


def list_(module: str, number: int) -> str:
    return (
        f"list: {module}.entity_{number}\nentity: {module}.entity_{number}\n"
        "columns: [number, text_0, date, owner.name, state]\nsort: [-date]\n"
        "views:\n  late: {label: {zh: 逾期, en: Late}, where: \"state == 'approved' and date < today()\"}\n"
    )


def sets(entities: int, fields: int) -> list[SourceSet]:
    """Return ten modules with `entities` entities of `fields` fields each (lines included)."""
    made = []
    for place in range(10):
        module = f"m{place}"
        numbers = range(place, entities, 10)
        needs = ", ".join(f"m{each}: ^1.0" for each in range(10) if each != place)
        files = {
            "module.yaml": f"module: {module}\nlabel: {{zh: 模块{place}, en: Module {place}}}\nversion: 1.0.0\nneeds: {{{needs}}}\n"
        }
        for number in numbers:
            files[f"entities/entity_{number}.yaml"] = entity(number, fields, entities)
            if number % 2:
                files[f"lists/entity_{number}.yaml"] = list_(module, number)
        files["roles/clerk.yaml"] = role(module, [f"{module}.entity_{each}" for each in numbers])
        made.append(SourceSet("module", module, files, f"modules/{module}"))
    return made

"""Builds the shell and the plain pages for the person of a unit of work."""

from collections.abc import Mapping

from dougong.records.work import Work
from dougong.screens.plain_pages import HomePage, Recent
from dougong.screens.shell import Choice, Crumb, Entry, Person, Shell, build_menu, language_choices
from dougong.screens.titles import record_titles
from dougong.screens.values import instant_text
from dougong.screens.words import Words

RECENT = 8
WAYS = 8
DOCUMENT = "file-text"
"""The icon of documents; they are what most people come for."""


def build_shell(work: Work, base: str, csrf: str, cookies: Mapping[str, str]) -> Shell:
    """Build what stands around every page; `cookies` remember how the person likes it."""
    context = work.context
    theme = cookies.get("dougong_theme", "")
    company = str(context.company) if context.company else ""
    named = record_titles(work, "base.user", [str(context.user)])
    companies = _companies(work)
    return Shell(
        tenant=context.tenant,
        label=companies.get(company) or context.tenant,
        base=base,
        language=context.language,
        languages=language_choices(context.language),
        person=Person(
            str(context.user), context.login, named.get(str(context.user), context.login)
        ),
        csrf=csrf,
        company=companies.get(company, ""),
        companies=tuple(
            Choice(id_, title, current=id_ == company) for id_, title in companies.items()
        ),
        menu=build_menu(
            work.catalog, lambda entity: work.access(entity).may("read"), base, context.language
        ),
        theme=theme if theme in ("light", "dark") else "",
        narrow=cookies.get("dougong_narrow") == "1",
        zone=context.zone,
    )


def _companies(work: Work) -> dict[str, str]:
    """Return the names of the companies this person may work in, by id text, in her order."""
    ids = [str(one) for one in work.context.companies]
    titles = record_titles(work, "base.company", ids)
    return {id_: titles[id_] for id_ in ids if id_ in titles}


def crumbs_to(shell: Shell, key: str, *further: Crumb) -> tuple[Crumb, ...]:
    """Return the way to the menu entry that opens `key`, and on; the last step has no address."""
    for group in shell.menu:
        entry = _find(group.items, key)
        if entry:
            here = Crumb(entry.label, entry.url if further else "")
            return (Crumb(group.label), here, *further)
    return further


def _find(entries: tuple[Entry, ...], key: str) -> Entry | None:
    for entry in entries:
        found = _find(entry.items, key) if entry.items else entry if entry.key == key else None
        if found:
            return found
    return None


def build_home(work: Work, shell: Shell) -> HomePage:
    """Build the start page: a greeting by the hour, the first ways, what was done last."""
    words = Words(work.context.language)
    hour = int(instant_text(work.context.now.isoformat(), work.context.zone)[11:13])
    part = (
        "morning" if hour < 11 else "noon" if hour < 14 else "afternoon" if hour < 18 else "evening"
    )
    entries = {entry.url: entry for group in shell.menu for entry in group.items if entry.url}
    ways = sorted(entries.values(), key=lambda entry: entry.icon != DOCUMENT)
    return HomePage(
        greeting=words(f"home.{part}", name=shell.person.name),
        day=day_text(work, words),
        ways=tuple(ways[:WAYS]),
        recent=_recent(work, shell.base),
    )


def day_text(work: Work, words: Words) -> str:
    """Write today in full, with the day of the week."""
    today = work.context.today
    weekday = words("home.weekdays").split(",")[today.weekday()]
    return words("home.day", year=today.year, month=today.month, day=today.day, weekday=weekday)


def _recent(work: Work, base: str) -> tuple[Recent, ...]:
    """Return the records this person changed last, each once, as far as they may still be read."""
    place = "?" if work.dialect == "sqlite" else "%s"
    rows = work.connection.run(  # only the dialect's mark goes into the text
        'SELECT "entity", "record", "at" FROM @."dougong_trail" WHERE "id" IN '  # noqa: S608
        f'(SELECT max("id") FROM @."dougong_trail" WHERE "user" = {place} '
        f'GROUP BY "entity", "record") ORDER BY "id" DESC LIMIT {place}',
        [work.context.user, 3 * RECENT],
    )
    found = []
    for entity_id, record, at in rows:
        entity = work.catalog.entities.get(entity_id)
        if entity is None or not work.access(entity_id).may("read"):
            continue
        title = record_titles(work, entity_id, [str(record)]).get(str(record))
        if title:
            when = at if isinstance(at, str) else at.isoformat()
            found.append(
                Recent(
                    title,
                    entity.label.say(work.context.language),
                    f"{base}/{entity_id}/{record}",
                    instant_text(when, work.context.zone),
                )
            )
    return tuple(found[:RECENT])

"""ListPage: the columns, rows, filters, views and totals of one list, for one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from dougong.screens.widgets import OptionModel

PAGE_SIZE = 50
WAY_BACK = 40
"""How many pages one can go back, page by page; further back there is the first one."""
PARTED = "~"


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address says of a list; the address is its whole state.

    `filters` maps a field path to the text of its filter: an option's code or a record's id
    (several with commas), `true`/`false`, a day or `from..to`. `after` is where the page begins,
    `page` its number as a person counts, `back` where the pages before it began (the newest last,
    `WAY_BACK` of them at most).
    """

    view: str = ""
    search: str = ""
    sort: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    page: int = 1
    back: tuple[str, ...] = ()

    def query(self) -> str:
        """Write the state as the query of an address; nothing for the list as it first opens."""
        filters = {f"f.{path}": text for path, text in self.filters.items() if text}
        said = {
            "view": self.view,
            "q": self.search,
            "sort": self.sort,
            **filters,
            "after": self.after,
            "page": str(self.page) if self.page > 1 else "",
            "back": PARTED.join(self.back),
        }
        return urlencode({name: text for name, text in said.items() if text})

    def first(self, **changes: Any) -> "ListState":
        """Return the state with `changes`, on the first page."""
        return replace(self, **{"after": "", "page": 1, "back": (), **changes})

    def following(self, after: str) -> "ListState":
        """Return the state on the next page, which begins after the position `after`."""
        back = (*self.back, self.after)[-WAY_BACK:] if self.after else ()
        return replace(self, after=after, page=self.page + 1, back=back)

    def previous(self) -> "ListState | None":
        """Return the state on the page before; None on the first, or when the way is forgotten."""
        if self.page == 2:
            return self.first()
        if self.page < 2 or not self.back:
            return None
        return replace(self, after=self.back[-1], page=self.page - 1, back=self.back[:-1])


def read_state(params: Mapping[str, str]) -> ListState:
    """Read the query of an address; what it does not know it leaves out.

    A form says one box of a choice as `f.state:draft=1` and one end of a time as `f.date:from=…`.
    """
    page = params.get("page", "1")
    return ListState(
        view=params.get("view", ""),
        search=params.get("q", "").strip(),
        sort=params.get("sort", ""),
        filters=_read_filters(params),
        after=params.get("after", ""),
        back=tuple(one for one in params.get("back", "").split(PARTED) if one)[-WAY_BACK:],
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _read_filters(params: Mapping[str, str]) -> dict[str, str]:
    filters: dict[str, str] = {}
    ends: dict[str, dict[str, str]] = {}
    for name, given in params.items():
        text = given.strip()
        if not name.startswith("f.") or not text:
            continue
        path, _, part = name[2:].partition(":")
        if part in ("from", "to"):
            ends.setdefault(path, {})[part] = text
        elif part:
            filters[path] = f"{filters[path]},{part}" if path in filters else part
        else:
            filters[path] = text
    return filters | {
        path: f"{each.get('from', '')}..{each.get('to', '')}" for path, each in ends.items()
    }


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `direction` is "", "ascending" or "descending"; `sort_url` sorts by it (empty
    when it cannot be sorted by); `opens` is true for the column that opens the record.
    """

    path: str
    label: str
    type: str
    kind: str
    align: str = "left"
    scale: int | None = None
    options: tuple[OptionModel, ...] = ()
    direction: str = ""
    sort_url: str = ""
    opens: bool = False
    total: str = ""
    role: str = "more"


@dataclass(frozen=True, slots=True)
class FilterModel:
    """One filter of the bar: how it is chosen and what is chosen now.

    `text` is what a person reads of it; `options` stand for choices, `lookup` finds records.
    """

    path: str
    label: str
    widget: str
    value: str = ""
    text: str = ""
    options: tuple[OptionModel, ...] = ()
    lookup: str = ""
    clear_url: str = ""


@dataclass(frozen=True, slots=True)
class ViewTab:
    """A named selection; `count` is how many records it holds where the view wears a badge."""

    id: str
    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ActionModel:
    """Something that may be done now. `confirm` is asked first; `reason` is "", "optional" or
    "required"; `tone` is "primary", "danger" or "".
    """

    name: str
    label: str
    confirm: str = ""
    reason: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list teaches: why it is empty and what to do next."""

    title: str
    text: str
    clear_url: str = ""
    new_url: str = ""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as JSON and as a page. `rows` are records in their wire form; `count` is None when it
    was not counted and capped when there are more.
    """

    id: str
    entity: str
    label: str
    url: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    search: str = ""
    search_label: str = ""
    sort: str = ""
    view: str = ""
    views: tuple[ViewTab, ...] = ()
    filters: tuple[FilterModel, ...] = ()
    filtered: bool = False
    count: int | None = None
    capped: bool = False
    page: int = 1
    first_row: int = 1
    next_url: str = ""
    first_url: str = ""
    previous_url: str = ""
    clear_url: str = ""
    new_url: str = ""
    import_url: str = ""
    export_url: str = ""
    bulk: tuple[ActionModel, ...] = ()
    bulk_url: str = ""
    open_url: str = ""
    empty: Empty | None = None
    totals: Mapping[str, str] = field(default_factory=dict)

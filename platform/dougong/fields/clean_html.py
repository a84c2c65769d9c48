"""Cleans formatted text by a short list of what is allowed; everything else is text or gone."""

from html import escape
from html.parser import HTMLParser

ALLOWED: dict[str, frozenset[str]] = {
    tag: frozenset()
    for tag in (
        "p", "br", "hr", "b", "strong", "i", "em", "u", "s", "sub", "sup", "h1", "h2", "h3", "h4",
        "ul", "ol", "li", "blockquote", "pre", "code", "table", "thead", "tbody", "tr", "div", "span",
    )
} | {
    "a": frozenset({"href", "title"}),
    "th": frozenset({"colspan", "rowspan"}),
    "td": frozenset({"colspan", "rowspan"}),
}  # fmt: skip
VOID = frozenset({"br", "hr"})
SWALLOWED = frozenset(
    {"script", "style", "iframe", "object", "embed", "template", "noscript", "svg", "math", "title",
     "textarea", "select", "xmp", "noembed", "noframes", "plaintext", "head"}
)  # fmt: skip
DEPTH = 40


class _Cleaner(HTMLParser):
    """Writes the allowed part of what it reads; tags are always closed in the right order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.swallowing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an allowed tag with its allowed attributes."""
        if self.swallowing or tag in SWALLOWED:
            if tag in SWALLOWED:
                self.swallowing.append(tag)
            return
        allowed = ALLOWED.get(tag)
        if allowed is None or len(self.open) >= DEPTH:
            return
        kept = [
            f' {name}="{escape(value, quote=True)}"'
            for name, value in dict(reversed(attrs)).items()
            if value is not None and name in allowed and _fits(name, value)
        ]
        if tag == "a":
            kept.append(' rel="noopener noreferrer"')
        self.out.append(f"<{tag}{''.join(sorted(kept))}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat `<x/>` as browsers do: as `<x>`, except that it swallows nothing."""
        if tag not in SWALLOWED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close what is open, with everything opened since."""
        if self.swallowing:
            if tag == self.swallowing[-1]:
                self.swallowing.pop()
            return
        if tag in self.open:
            while True:
                last = self.open.pop()
                self.out.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        """Write text, escaped."""
        if not self.swallowing:
            self.out.append(escape(data, quote=False))


def _fits(name: str, value: str) -> bool:
    if name in ("colspan", "rowspan"):
        return value.isascii() and value.isdecimal() and 0 < int(value[:4]) <= 100
    if name == "href":
        plain = "".join(letter for letter in value if letter > " ").lower()
        return plain.startswith(("https://", "http://", "mailto:"))
    return True


def clean_html(text: str) -> str:
    """Return the allowed part of an HTML text: balanced, escaped, without script or style."""
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    cleaner.out.extend(f"</{tag}>" for tag in reversed(cleaner.open))
    return "".join(cleaner.out)

"""Bytes of a text file to text: byte-order marks, UTF-8, GB18030, Big5 and western code pages."""

import codecs

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 200_000


def decode(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return (text, encoding used); `encoding` wins when given.

    Without a mark, UTF-8 is taken when every byte fits. Otherwise lone high bytes between ASCII
    letters speak for a western page, pairs of them for GB18030 or, when that reads mostly rare
    characters, Big5. Raises UnicodeDecodeError or LookupError only for an `encoding` that was asked
    for.
    """
    if encoding:
        return _clean(content.decode(encoding)), encoding
    for mark, name in MARKS:
        if content.startswith(mark):
            return _clean(content.decode(name, errors="replace")), name
    if wide := _unmarked_utf16(content):
        return _clean(content.decode(wide, errors="replace")), wide
    try:
        return _clean(content.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        name = _guess_page(content[:SAMPLE])
        return _clean(content.decode(name, errors="replace")), name


def _clean(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\x00", "")


def _unmarked_utf16(content: bytes) -> str:
    """Tell UTF-16 without a mark by zero bytes standing at every other place."""
    sample = content[:2000]
    if len(sample) < 8 or sample.count(0) < len(sample) // 4:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else ""


def _guess_page(sample: bytes) -> str:
    lone, paired, at = 0, 0, 0
    while at < len(sample):
        if sample[at] < 0x80:
            at += 1
        elif at + 1 < len(sample) and sample[at + 1] >= 0x80:
            paired += 1
            at += 2
        else:
            lone += 1
            at += 1
    if lone > paired:
        return "cp1252"
    scores = {page: _common_share(sample, page) for page in ("gb18030", "big5")}
    return "big5" if scores["big5"] > scores["gb18030"] + 0.1 else "gb18030"


def _common_share(sample: bytes, page: str) -> float:
    """Share of the non-ASCII characters that are common in Chinese business text.

    GB 2312 orders its 3,755 common characters in level 1 (rows 16 to 55), Big5 its 5,401 in the
    first plane; both are read off the encoded lead byte.
    """
    text = sample.decode(page, errors="replace")
    others = [character for character in text if ord(character) > 0x7F]
    if not others:
        return 0.0
    common = 0
    for character in others:
        if "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uffef":
            common += 1
            continue
        try:
            raw = character.encode("gb2312" if page == "gb18030" else "big5")
        except UnicodeEncodeError:
            continue
        low, high = (0xB0, 0xD7) if page == "gb18030" else (0xA4, 0xC6)
        common += len(raw) == 2 and low <= raw[0] <= high
    return common / len(others)

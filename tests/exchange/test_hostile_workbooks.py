"""Workbooks made to do harm: each is refused, and who reads it lives on."""

import io
import zipfile

import pytest

from dougong.exchange.table import read_table
from dougong.foundation.errors import Refused

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/package/2006/content-types"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{KINDS}"/>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(rows: str, before: str = "") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", f'<?xml version="1.0"?>{before}{sheet}')
    return written.getvalue()


HEAD = f'<row r="1">{cell("A1", "code")}{cell("B1", "name")}</row>'
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def test_an_honest_workbook_is_read() -> None:
    row = f'<row r="2">{cell("A2", "C1")}{cell("B2", "甲")}</row>'
    assert read_table(workbook(HEAD + row), "a.xlsx").rows == (("C1", "甲"),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (
            workbook(f'{HEAD}<row r="1048576">{cell("XFD1048576", "x")}</row>'),
            "exchange.too-large",
        ),
        (workbook(f'{HEAD}<row r="900000">{cell("ZZ900000", "x")}</row>'), "exchange.too-large"),
        (workbook(" " * 60_000_000), "exchange.too-large"),
        (workbook(f'<row r="1">{cell("A1", "&b;")}</row>', ENTITIES), "exchange.not-a-table"),
        (workbook(f'<row r="1">{cell("A1", "&a;")}</row>', FILE), "exchange.not-a-table"),
        (workbook("<a"), "exchange.not-a-table"),
        (b"PK\x03\x04" + bytes(100), "exchange.not-a-table"),
        (b"\xd0\xcf\x11\xe0" + bytes(5000), "exchange.not-a-table"),
    ],
    ids=["far corner", "far cell", "zip bomb", "entities", "a file", "no xml", "no zip", "no xls"],
)
def test_a_hostile_workbook_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_table(content, "a.xlsx")
    assert refused.value.problems[0].code == code

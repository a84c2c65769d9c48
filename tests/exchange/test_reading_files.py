"""Files as people send them: every oddity of tests/data/import is read, or refused in plain words."""

from pathlib import Path

import pytest

from dougong.catalog.entity import Field, Option
from dougong.catalog.process import ColumnSource
from dougong.exchange.cells import Unreadable, reader_for
from dougong.exchange.table import Table, read_table
from dougong.fields.field_type import Shape
from dougong.foundation.errors import Refused
from dougong.foundation.translate import Label

FILES = Path(__file__).parents[1] / "data" / "import"


def table(name: str, **how: str) -> Table:
    path = FILES / name
    return read_table(path.read_bytes(), path.name, **how)


def test_every_file_of_the_collection_is_read() -> None:
    files = [path for path in FILES.rglob("*") if path.suffix in {".csv", ".xls", ".xlsx"}]
    assert len(files) == 32
    for path in files:
        assert read_table(path.read_bytes(), path.name).headings, path


def test_a_statement_in_gb18030_is_read_past_its_preamble() -> None:
    statement = table("alipay/example-alipay-records.csv")
    assert statement.encoding == "gb18030"
    assert statement.headings[:3] == ("交易时间", "交易分类", "交易对方")
    assert statement.headings[9:11] == ("交易订单号", "商家订单号")
    assert statement.numbers[0] == 26
    assert statement.rows[0][6] == "49.74"
    assert len(statement.rows) == 10


@pytest.mark.parametrize(
    ("name", "encoding", "headings"),
    [
        ("frictionless-py/bom.csv", "utf-8-sig", ("id", "name")),
        ("csvkit/test_utf16_big.csv", "utf-16", ("a", "b", "c")),
        ("csvkit/test_latin1.csv", "cp1252", ("a", "b", "c")),
        ("messytables/characters.csv", "big5", ("id", "景點編號")),
        ("messytables/spanish_chars.csv", "cp1252", ("GF_ID", "FN_ID")),
    ],
)
def test_the_encoding_is_found(name: str, encoding: str, headings: tuple[str, ...]) -> None:
    found = table(name)
    assert found.encoding == encoding
    assert found.headings[: len(headings)] == headings


def test_old_mac_line_ends_and_line_ends_inside_a_cell() -> None:
    found = table("csvkit/mac_newlines.csv")
    assert found.rows[1] == ("Once upon\na time", "5", "6")


def test_headings_with_line_ends_blanks_and_doubles_are_named() -> None:
    assert table("csvkit/test_header_newline.csv").headings[0] == "start end"
    assert table("frictionless-py/blank-headers.csv").headings == ("id", "#2", "age")
    doubled = table("frictionless-py/duplicate-headers.csv").headings
    assert doubled == ("id", "name", "id (2)", "age", "id (3)")


def test_cells_beyond_the_headings_are_reported_and_short_rows_filled() -> None:
    found = table("frictionless-py/defective-rows.csv")
    assert found.rows[0] == ("1101", "John", "")
    assert found.ragged == ((3, ("Potatoes",)),)


def test_leading_zeros_stay() -> None:
    assert [row[0] for row in table("frictionless-py/leading-zeros.csv").rows] == [
        "01",
        "002",
        "00003",
    ]


def test_a_heading_row_below_titles_is_found() -> None:
    assert table("messytables/excel_pasting.csv").headings[:3] == ("Year", "2000", "2001")
    assert table("messytables/weird_head_padding.csv").delimiter == ";"


def test_a_named_sheet_and_its_absence() -> None:
    assert table("csvkit/sheets.xlsx", sheet="ʤ").sheet == "ʤ"
    with pytest.raises(Refused, match=r"exchange\.no-sheet"):
        table("csvkit/sheets.xlsx", sheet="missing")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"PK\x03\x04 not really a workbook", b"\xd0\xcf\x11\xe0"]
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        read_table(content, "file.csv")


def read_all(type_: str, cells: list[str], **source: object) -> list[object]:
    options = (Option("key", "K", Label.of({"zh": "大客户", "en": "Key account"})),)
    field = Field(
        "f", Shape(type_), Label(), column="f", options=options if type_ == "choice" else ()
    )
    read = reader_for(field, ColumnSource("f", "F", **source), cells)  # type: ignore[arg-type]
    return [read(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234,567.50", "1234567.50"), ("１２３．４５", "123.45"), ("¥ 1,200.00", "1200.00"),
        ("(45.10)", "-45.10"), ("-7", "-7"), (".5", ".5"), ("1.5E3", "1500"), ("'-3", "-3"), ("", None),
        ("0.1", "0.1"), ("123456789012.345678", "123456789012.345678"), ("28.50元", "28.50"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(cell: str, value: object) -> None:
    assert read_all("decimal", [cell]) == [value]


def test_a_column_with_decimal_commas() -> None:
    assert read_all("decimal", ["1,7", "200.000.000", "1.234,50"]) == [
        "1.7",
        "200000000",
        "1234.50",
    ]


def test_percent_is_a_fraction() -> None:
    assert read_all("percent", ["13%", "0.13", "5.5%"]) == ["0.13", "0.13", "0.055"]


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        (["2022-04-15 00:00:00.000"], "2022-04-15"), (["2011/5/31"], "2011-05-31"),
        (["2026年6月3日"], "2026-06-03"), (["24 October 2011"], "2011-10-24"),
        (["Oct 3, 2011"], "2011-10-03"), (["20260603"], "2026-06-03"),
        (["02/01/2014", "31/12/2012"], "2014-01-02"), (["02/01/2014", "12/31/2012"], "2014-02-01"),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(cells: list[str], day: str) -> None:
    assert read_all("date", cells)[0] == day


def test_a_date_with_two_readings_needs_a_format() -> None:
    with pytest.raises(Unreadable) as caught:
        read_all("date", ["02/01/2014"])
    assert caught.value.ambiguous
    assert read_all("date", ["02/01/2014"], format="dd/MM/yyyy") == ["2014-01-02"]


@pytest.mark.parametrize(
    ("type_", "cell"),
    [("date", "2026-02-30"), ("decimal", "twelve"), ("boolean", "maybe"), ("choice", "other")],
)
def test_what_does_not_fit_is_unreadable(type_: str, cell: str) -> None:
    with pytest.raises(Unreadable):
        read_all(type_, [cell])


def test_yes_no_and_choices_in_words() -> None:
    assert read_all("boolean", ["是", "×", "TRUE", "0", ""]) == [True, False, True, False, None]
    assert read_all("choice", ["大客户", "Key Account", "key", "k"]) == ["K"] * 4


def test_values_of_a_mapping_are_translated() -> None:
    assert read_all("boolean", ["A", "B"], values={"A": "true", "B": "false"}) == [True, False]


def test_a_time_without_an_offset_is_the_tenants_clock() -> None:
    field = Field("f", Shape("datetime"), Label(), column="f")
    read = reader_for(field, ColumnSource("f", "F"), [], zone="Asia/Shanghai")
    assert read("2026-06-03 09:30") == "2026-06-03T09:30:00+08:00"
    assert read("2026-06-03T09:30:00Z") == "2026-06-03T09:30:00+00:00"

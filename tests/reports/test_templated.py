"""A client's template: the fields of a report, what is refused at upload, and the filled file."""

import io

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import example, given
from hypothesis import strategies as st
from template_making import part_of, template, with_part, words_of

from jingwei.reports.document import (
    Cell,
    Column,
    Cover,
    Document,
    Heading,
    KeyValues,
    Meta,
    Note,
    Paragraph,
    Row,
    Table,
)
from jingwei.reports.errors import ReportError
from jingwei.reports.templated import Fields, check, fields_of, fill, sample
from jingwei.reports.templated.fields import name_of
from jingwei.terms import SHANGHAI


@pytest.fixture(scope="module")
def fields(bad_document: Document) -> Fields:
    return fields_of(bad_document)


def refused(data: bytes, fields: Fields, demanded: dict[str, str] | None = None) -> str:
    with pytest.raises(ReportError) as error:
        check(data, fields, demanded or {})
    return str(error.value)


# -- the fields


def test_cover_lines_chapters_and_tables_are_fields_by_their_own_names(fields: Fields) -> None:
    assert fields.values["报告编号"].startswith("JAWS-RJ-")
    assert fields.values["是否工作日"]
    assert fields.lists["日检汇总"].columns[:3] == ("专业", "检查对象", "应检项")
    assert "日检汇总" in fields.chapters["汇总"]
    assert "异常清单" in fields.lists  # and not 异常清单（共 5 项）: the count is another each day


def test_a_merged_cell_keeps_the_columns_in_place() -> None:
    table = Table(
        (Column("甲", 1), Column("乙", 1), Column("丙", 1)),
        (Row((Cell("小计", span=2), Cell("3"))),),
    )
    found = fields_of(drawn(Heading(1, "一、清单"), table))
    assert found.lists["清单表"].rows == ({"甲": "小计", "乙": "", "丙": "3"},)


def test_names_that_stand_twice_get_a_number_and_the_cover_comes_first() -> None:
    grid = Table((Column("名", 1), Column("名", 1)), (), caption="表 2 明细")
    found = fields_of(
        drawn(Heading(1, "一、明细"), grid, grid, KeyValues((("报告期", Cell("别的")),)))
    )
    assert list(found.lists) == ["明细", "明细2"]
    assert found.lists["明细"].columns == ("名", "名2")
    assert found.values["报告期"] == "2026-11"
    assert found.values["明细文字"] == ""


@given(st.text(max_size=30))
@example("\U0001ed01")
@example("1\U0001ed01")
def test_a_name_is_always_one_jinja_takes(text: str) -> None:
    name = name_of(text)
    assert name == "" or f"a{name}".isidentifier()
    assert not name[:1].isdigit()


# -- what is refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 报告编码 }}", "没有字段“报告编码”；是不是“报告编号”"),
        ("{{ 日检汇总 }}", "“日检汇总”是一张表，请写作 {%tr for 行 in 日检汇总 %}"),
        ("{{ 行.专业 }}", "只能写在循环里"),
        ("{{ 报告编号 | upper }}", "不支持 过滤器"),
        ("{{ range(9) }}", "不支持 函数"),
        ("{{ 报告编号.__class__ }}", "只能写在循环里"),
        ("{% for 行 in 报告编号 %}{% endfor %}", "没有表“报告编号”"),
        ("{% for 行 in 日检汇总 %}{{ 行.专页 }}{% endfor %}", "是不是“专业”"),
        ("{% for 行 in 日检汇总 %}{{ 行 }}{% endfor %}", "请写到列"),
        ("{% for 行 in 日检汇总 %}{{ 行.专业 }}", "没有成对"),
        ("{{ 报告 编号 }}", "{{ 报告 编号 }} 附近"),
        ("{% include 'x' %}", "不支持 引用其他文件"),
        ("{% set a = 1 %}{{ a }}", "不支持"),
        ("{% for 报告期 in 日检汇总 %}{% endfor %}", "与字段同名"),
        ("没有字段", "模板中没有任何字段"),
    ],
)  # fmt: skip
def test_what_a_template_may_not_say_is_named_where_it_stands(
    fields: Fields, text: str, said: str
) -> None:
    message = refused(template(text), fields)
    assert said in message
    assert message.startswith(("正文：", "模板中"))


def test_a_wrong_field_in_the_header_is_found_there(fields: Fields) -> None:
    data = template("{{ 报告编号 }}", header="{{ 报告偏号 }}")
    assert refused(data, fields).startswith("页眉：没有字段“报告偏号”")


def test_loops_within_loops_are_refused(fields: Fields) -> None:
    text = "{% for 行 in 日检汇总 %}{% for 列 in 未检原因 %}{{ 列.项数 }}{% endfor %}{% endfor %}"
    assert "循环里不能再套循环" in refused(template(text), fields)


def test_a_chapter_the_tender_demands_may_not_be_left_out(fields: Fields) -> None:
    why = {"异常与处置": "招标文件要求的必备章节"}
    message = refused(template("{{ 报告编号 }}"), fields, why)
    assert message.startswith("模板缺少“异常与处置”（招标文件要求的必备章节）")
    assert "异常清单" in message
    assert check(template("{{ 异常与处置 }}"), fields, why) == ["异常与处置"]
    assert check(template(row=("{{ 行.对象 }}",), of="异常清单"), fields, why) == ["异常清单"]


GOOD = template("{{ 报告编号 }}")
TYPES = part_of(GOOD, "[Content_Types].xml")
OUTSIDE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'relationships/attachedTemplate" Target="http://192.0.2.1/t.dotm" TargetMode="External"/>'
    b"</Relationships>"
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "不是 Word 文档"),
        (b"%PDF-1.7", "不是 Word 文档"),
        (b"\xd0\xcf\x11\xe0 an old .doc", "不是 Word 文档"),
        (GOOD[:-40], "不是 Word 文档"),
        (with_part(GOOD, "word/vbaProject.bin", b"x"), "含有宏"),
        (with_part(GOOD, "[Content_Types].xml",
                   TYPES.replace(b"wordprocessingml.document.main", b"macroEnabled.main")),
         "含有宏"),
        (with_part(GOOD, "word/embeddings/o.bin", b"x"), "嵌入对象"),
        (with_part(GOOD, "word/_rels/settings.xml.rels", OUTSIDE), "引用了外部文件"),
        (with_part(GOOD, "word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
         "外部定义"),
        (with_part(GOOD, "word/document.xml", b"<w:document"), "损坏"),
        (with_part(GOOD, "word/media/a.png", bytes(61 * 1024 * 1024)), "解开后过大"),
        (b"PK\x03\x04" + bytes(6 * 1024 * 1024), "不超过 5 MB"),
    ],
    ids=["empty", "pdf", "doc", "cut", "macro", "macro type", "object", "outside", "entity",
         "broken", "bomb", "big"],
)  # fmt: skip
def test_what_is_no_harmless_word_file_is_refused(data: bytes, said: str, fields: Fields) -> None:
    assert said in refused(data, fields)


@pytest.mark.parametrize(
    "disguised",
    [
        OUTSIDE.replace(b'TargetMode="External"', b"TargetMode = 'External'"),
        OUTSIDE.replace(b"192.0.2.1/t.dotm", b"192.0.2.1/hyperlink/t.dotm"),
        OUTSIDE.replace(b"<Relationship ", b"<p:Relationship ").replace(
            b"xmlns=",
            b'xmlns:p="http://schemas.openxmlformats.org/package/2006/relationships" xmlns=',
        ),
        OUTSIDE.decode().encode("utf-16"),
    ],
    ids=["quotes", "its address says hyperlink", "prefix", "utf-16"],
)
def test_a_link_to_outside_is_found_however_it_is_written(disguised: bytes, fields: Fields) -> None:
    data = with_part(GOOD, "word/_rels/settings.xml.rels", disguised)
    assert "引用了外部文件" in refused(data, fields)


def with_field(*codes: str) -> bytes:
    """A good template with a Word field whose code is cut into these runs."""
    word = docx.Document(io.BytesIO(GOOD))
    run = word.add_paragraph().add_run()._r
    for kind in ("begin", *codes, "end"):
        if kind in {"begin", "end"}:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = kind
        run.append(part)
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        ((' INCLUDETEXT "file:///etc/hostname" ',), "INCLUDETEXT"),
        ((" INCLUDE", 'PICTURE "http://192.0.2.1/a.png"'), "INCLUDEPICTURE"),
        ((" ddeauto c:/x ",), "DDEAUTO"),
    ],
)
def test_a_word_field_that_reads_other_files_is_refused_by_name(
    codes: tuple[str, ...], name: str, fields: Fields
) -> None:
    assert f"Word 域 {name}" in refused(with_field(*codes), fields)


@pytest.mark.parametrize("code", [" PAGE ", ' HYPERLINK "http://192.0.2.1/link" ', " TOC \\o "])
def test_ordinary_word_fields_are_welcome(code: str, fields: Fields) -> None:
    assert check(with_field(code), fields, {}) == ["报告编号"]


@pytest.mark.parametrize(
    ("prop", "label"), [("title", "标题"), ("author", "作者"), ("comments", "备注")]
)
def test_what_is_hidden_in_the_properties_is_checked_too(
    prop: str, label: str, fields: Fields
) -> None:
    word = docx.Document(io.BytesIO(GOOD))
    setattr(word.core_properties, prop, "{{ 'x' * 999999999 }}")
    stream = io.BytesIO()
    word.save(stream)
    assert refused(stream.getvalue(), fields).startswith(f"文档属性“{label}”：")


def test_what_is_hidden_in_a_footnote_is_checked_too(fields: Fields) -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:id="2"><w:p><w:r><w:t>{{ 报告偏号 }}</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    ).encode()
    word = docx.Document(io.BytesIO(GOOD))
    part = Part(PackURI("/word/footnotes.xml"), kind, notes, word.part.package)
    word.part.relate_to(part, RT.FOOTNOTES)
    stream = io.BytesIO()
    word.save(stream)
    assert refused(stream.getvalue(), fields).startswith("脚注：没有字段“报告偏号”")


def test_a_hyperlink_is_only_a_hyperlink(fields: Fields) -> None:
    link = OUTSIDE.replace(b"attachedTemplate", b"hyperlink")
    assert check(with_part(GOOD, "word/_rels/document2.xml.rels", link), fields, {}) == ["报告编号"]


# -- the filled file


def test_fields_are_filled_everywhere_and_the_same_report_gives_the_same_bytes(
    bad_document: Document, fields: Fields
) -> None:
    data = template(
        "编号 {{ 报告编号 }}", "{% if 提示 %}有提示{% endif %}", header="{{ 报告名称 }}",
        row=("{{ loop.index }}", "{{ 行.专业 }}", "{{ 行.异常项 }}"),
    )  # fmt: skip
    assert check(data, fields, {}) == ["报告编号", "提示", "日检汇总", "报告名称"]
    made = fill(data, bad_document)
    assert made == fill(data, bad_document)
    said = words_of(made)
    assert fields.values["报告编号"] in said
    assert fields.values["报告名称"] in said.splitlines()[0]
    rows = fields.lists["日检汇总"].rows
    assert [f"{n}\t{row['专业']}\t{row['异常项']}" in said for n, row in enumerate(rows, 1)] == (
        [True] * len(rows)
    )
    assert "{{" not in said


def test_what_a_report_does_not_have_is_said_and_never_left_to_be_zero() -> None:
    full = drawn(Heading(1, "一、备件"), grid("备件清单", "SSD"), Paragraph("已更换"))
    data = template("{{ 备件文字 }}", "{{ 备件 }}", row=("{{ 行.名称 }}",), of="备件清单")
    data = template("{{ 备件 }}", row=("{{ 行.名称 }}",), of="备件清单")
    assert check(data, fields_of(full), {"备件": "x"}) == ["备件", "备件清单"]
    assert "SSD" in words_of(fill(data, full))
    assert "本期无" in words_of(fill(data, drawn()))


def test_markup_and_odd_characters_in_a_value_stay_text() -> None:
    odd = "<w:b/>&amp; {{ 报告期 }} \x00\x07 第一行\n第二行"
    document = drawn(Heading(1, "一、说明"), Paragraph(odd))
    said = words_of(fill(template("{{ 说明 }}"), document))
    assert "<w:b/>&amp; {{ 报告期 }} ?? 第一行\n第二行" in said


def test_the_sample_passes_its_own_check_and_shows_every_field(
    bad_document: Document, fields: Fields
) -> None:
    data = sample("日检报告", fields)
    used = check(data, fields, {})
    assert set(used) == set(fields.names)
    assert fields.values["报告编号"] in words_of(fill(data, bad_document))


def grid(caption: str, *names: str) -> Table:
    return Table((Column("名称", 1),), tuple(Row((Cell(name),)) for name in names), caption)


def drawn(*blocks: object) -> Document:
    """A small report."""
    from datetime import datetime  # noqa: PLC0415

    meta = Meta("项目", "报告", "N-1", 1, "甲", datetime(2026, 11, 20, tzinfo=SHANGHAI))
    return Document(meta, Cover((("报告期", "2026-11"),)), (Note("开头"), *blocks))  # type: ignore[arg-type]

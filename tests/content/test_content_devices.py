"""Device files: what loads, and that every mistake is told with file and line."""

from pathlib import Path

import pytest

from jingwei.checks.content import ContentError, TargetFacts, limits_of, load_devices
from jingwei.terms import Result

ITEMS = ["room.temperature", "room.leak", "server.online"]
GOOD = """\
[device]
id = "room.test"
label = "测试"
source = "a test"
match = { kinds = ["room"] }

[[check]]
id = "room.one"
item = "room.temperature"
label = "温度"
probe = "modbus"
every = "1 min"
timeout = "3 s"
strikes = 2
on_error = "abnormal"
[check.options]
read = [
    { reading = "t", address = 0, unit = "°C", scale = 0.1 },
    { reading = "running", kind = "discrete", address = 8 },
]
[[check.rule]]
reading = "t"
unit = "°C"
crit = "not 18..28"
when = { reading = "running", is = "= true", reason = "空调未开机" }

[[unchecked]]
item = "room.leak"
reason = "没有漏水绳"
"""


def write(folder: Path, text: str, name: str = "room.toml") -> None:
    """A device file."""
    (folder / name).write_text(text, encoding="utf-8")


def test_a_good_file_loads_with_all_it_says(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    [model] = load_devices(tmp_path, ITEMS)
    [check] = model.checks
    assert (check.id, check.item, check.probe, check.protocol) == (
        "room.one",
        "room.temperature",
        "modbus",
        "modbus",
    )
    assert (check.every, check.timeout, check.retries, check.strikes) == (60, 3, 1, 2)
    assert check.on_error is Result.ABNORMAL
    assert check.source == "a test"
    assert check.rules[0].crit is not None
    assert [word.reason for word in model.unchecked] == ["没有漏水绳"]


def test_what_a_check_does_not_say_has_a_safe_default(tmp_path: Path) -> None:
    lines = [ln for ln in GOOD.splitlines() if not ln.startswith(("every", "on_err", "timeout"))]
    write(tmp_path, "\n".join(lines))
    check = load_devices(tmp_path, ITEMS)[0].checks[0]
    assert (check.every, check.timeout, check.on_error) == (300, 5, Result.UNCHECKED)


def test_where_we_only_listen_silence_is_the_finding(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
[device]
id = "beat"
label = "心跳"
source = "a test"
match = { keys = ["ROOM-01"] }
[[check]]
id = "beat.one"
item = "room.leak"
label = "心跳"
probe = "heartbeat"
[[check.rule]]
reading = "heartbeat.overdue"
crit = "= true"
""",
    )
    assert load_devices(tmp_path, ITEMS)[0].checks[0].on_error is Result.ABNORMAL


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("[device]", "[devise]", 1, "没有 “devise” 这个键。是不是 device？"),
        ('id = "room.test"', 'id = "Room Test"', 2, "小写字母"),
        ('label = "测试"', 'lable = "测试"', 3, "是不是 label？"),
        ('label = "测试"', "label = 5", 3, "label 应为文本"),
        ('source = "a test"', 'source = " "', 4, "source 不能为空"),
        ('source = "a test"\n', "", 1, "缺少 source"),
        ('match = { kinds = ["room"] }', 'match = { kind = ["room"] }', 5, "是不是 kinds？"),
        ('match = { kinds = ["room"] }', 'match = { kinds = "room" }', 5, "应为文本列表"),
        ('match = { kinds = ["room"] }', "match = {}", 5, "match 至少给一项"),
        ('match = { kinds = ["room"] }', 'match = "room"', 5, "应为表"),
        ("[[check]]", "[check]", 7, "应写成 [[check]]"),
        ('id = "room.one"', 'id = ""', 8, "id 不能为空"),
        ('item = "room.temperature"', 'item = "room.temprature"', 9, "是不是 room.temperature？"),
        ('probe = "modbus"', 'probe = "modbas"', 11, "没有名为 modbas 的探针"),
        ('every = "1 min"', 'every = "1 minute"', 12, "every：时长 “1 minute” 看不懂"),
        ('every = "1 min"', "every = 60", 12, "every 应为文本"),
        ('timeout = "3 s"', 'timeout = "0 s"', 13, "timeout 应大于 0"),
        ("strikes = 2", "strikes = 0", 14, "strikes 应为 1 到 20 的整数"),
        ("strikes = 2", "strikes = 2\nfallback = 1", 15, "true 或 false"),
        ('on_error = "abnormal"', 'on_error = "normal"', 15, "on_error 没有 “normal”"),
        ("address = 0,", 'address = "x",', 18, "选项 read.1.address：应为整数"),
        ("kind = \"discrete\"", "kind = \"diskrete\"", 19, "选项 read.2.kind：应为其中之一"),
        ("scale = 0.1", "factor = 0.1", 18, "选项 read.1.factor：没有这个选项"),
        ("read = [", "reads = [", 17, "选项 reads：没有这个选项"),
        ("[[check.rule]]", "[[check.rules]]", 21, "是不是 rule？"),
        ('reading = "t"\nunit', 'reading = "s"\nunit', 22, "不会给出读数 “s”。可给出：t、running"),
        ('unit = "°C"\ncrit', 'unit = "celsius"\ncrit', 23, "没有单位 “celsius”"),
        ('unit = "°C"\ncrit', 'unit = "%"\ncrit', 23, "读数 t 的单位是 “°C”，规则写的是 “%”"),
        ('unit = "°C"\ncrit', "crit", 22, "规则写的是 “空”"),
        ('crit = "not 18..28"', 'crit = "outside 18..28"', 24, "规则 crit：条件"),
        ('crit = "not 18..28"', 'critical = "not 18..28"', 24, "没有 “critical” 这个键"),
        ('reading = "running", is', 'reading = "ran", is', 25, "不会给出读数 “ran”"),
        ('item = "room.leak"', 'item = "room.smoke"', 28, "item 没有 “room.smoke”"),
        ('item = "room.leak"', 'item = "room.temperature"', 28, "已有检查，不能同时写成未检"),
        ('reason = "没有漏水绳"', 'reason = ""', 29, "reason 不能为空"),
        ('crit = "not 18..28"', 'crit = "not 18..28', 24, "不是合法的 TOML"),
    ],
)  # fmt: skip
def test_every_mistake_names_its_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ContentError) as caught:
        load_devices(tmp_path, ITEMS)
    assert words in caught.value.message
    assert str(caught.value).startswith(f"{tmp_path / 'room.toml'}:{line}: ")


def test_a_check_without_a_rule_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD[: GOOD.index("[[check.rule]]")])
    with pytest.raises(ContentError, match="至少要有一条"):
        load_devices(tmp_path, ITEMS)


def test_two_files_may_not_give_one_id(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.toml")
    write(tmp_path, GOOD, "b.toml")
    with pytest.raises(ContentError, match=r"b\.toml:2: .*已在 .*a\.toml 中定义"):
        load_devices(tmp_path, ITEMS)


def test_a_check_id_is_used_once_in_all_files(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.toml")
    write(tmp_path, GOOD.replace('id = "room.test"', 'id = "room.other"'), "b.toml")
    with pytest.raises(ContentError, match=r"b\.toml:8: 检查 room\.one 已在 .*a\.toml:8 中定义"):
        load_devices(tmp_path, ITEMS)


PART = GOOD.replace('match = { kinds = ["room"] }\n', "")
USER = """\
[device]
id = "room.user"
label = "引用者"
source = "a test"
match = { models = ["X*"] }
uses = ["room.test"]
"""


def test_a_model_has_the_checks_of_its_parts(tmp_path: Path) -> None:
    write(tmp_path, PART, "part.toml")
    write(tmp_path, USER, "user.toml")
    user = next(m for m in load_devices(tmp_path, ITEMS) if m.id == "room.user")
    assert [check.id for check in user.checks] == ["room.one"]
    assert [word.item for word in user.unchecked] == ["room.leak"]


def test_a_models_own_word_on_an_item_comes_before_its_parts(tmp_path: Path) -> None:
    write(tmp_path, PART, "part.toml")
    own = USER + '[[unchecked]]\nitem = "room.temperature"\nreason = "这个型号不行"\n'
    write(tmp_path, own, "user.toml")
    user = next(m for m in load_devices(tmp_path, ITEMS) if m.id == "room.user")
    assert user.checks == ()
    assert "这个型号不行" in [word.reason for word in user.unchecked]


@pytest.mark.parametrize("name", ["nothing", "room.user"])
def test_only_parts_may_be_used(tmp_path: Path, name: str) -> None:
    write(tmp_path, PART, "part.toml")
    write(tmp_path, USER.replace('uses = ["room.test"]', f'uses = ["{name}"]'), "user.toml")
    with pytest.raises(ContentError, match=r"user\.toml:6: 没有可引用的部件 .*可用：room\.test"):
        load_devices(tmp_path, ITEMS)


def test_options_only_an_endpoint_brings_need_not_stand_in_content(tmp_path: Path) -> None:
    text = GOOD.replace('probe = "modbus"', 'probe = "tcp"')
    text = text[: text.index("[check.options]")] + (
        '[[check.rule]]\nreading = "connect.time"\nunit = "ms"\nwarn = "> 500 ms"\n'
    )
    write(tmp_path, text)
    assert load_devices(tmp_path, ITEMS)[0].checks[0].options == {}


def test_a_share_must_be_made_of_readings_there_are(tmp_path: Path) -> None:
    share = 'reading = "u"\nunit = "%"\nshare = { used = "t", of = "total" }\ncrit = "> 9"\n'
    write(tmp_path, GOOD[: GOOD.index('reading = "t"\nunit')] + share)
    with pytest.raises(ContentError, match=r":24: .*不会给出读数 “total”"):
        load_devices(tmp_path, ITEMS)


LIMITED = """
[device]
id = "wall.test"
label = "测试"
source = "a test"
limits = "厂商没有公开 MIB"
match = { kinds = ["room"], vendors = ["Silent"] }
"""
SILENT = TargetFacts("R-1", "room", vendor="Silent")


def test_a_vendor_without_documents_is_said_to_have_none(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, LIMITED, "wall.toml")
    models = load_devices(tmp_path, ITEMS)
    assert limits_of(models, SILENT) == "厂商没有公开 MIB"
    assert limits_of(models, TargetFacts("R-1", "room", vendor="Other")) == ""
    assert limits_of([], SILENT) == ""


def test_whoever_writes_checks_for_the_model_overcomes_its_vendors_limits(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace('kinds = ["room"]', 'kinds = ["room"], models = ["M1"]'))
    write(tmp_path, LIMITED, "wall.toml")
    models = load_devices(tmp_path, ITEMS)
    known = TargetFacts("R-1", "room", vendor="Silent", model="M1")
    assert (limits_of(models, known), limits_of(models, SILENT)) == ("", "厂商没有公开 MIB")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('limits = ""', "limits 不能为空"),
        (f'limits = "{"长" * 301}"', "limits 不超过 300 字，得到 301 字"),
        ("limits = 3", "limits 应为文本"),
    ],
)
def test_limits_are_words_and_not_many(tmp_path: Path, given: str, expected: str) -> None:
    write(tmp_path, LIMITED.replace('limits = "厂商没有公开 MIB"', given), "wall.toml")
    with pytest.raises(ContentError, match=expected):
        load_devices(tmp_path, ITEMS)


def test_a_part_has_no_limits_of_its_own(tmp_path: Path) -> None:
    part = "\n".join(line for line in LIMITED.splitlines() if not line.startswith("match"))
    write(tmp_path, part, "wall.toml")
    with pytest.raises(ContentError, match=r"wall\.toml.*部件没有 match"):
        load_devices(tmp_path, ITEMS)

"""Jingwei's own logs: JSON lines for machines, short lines for people, no secrets in either."""

import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jingwei.run import logs


@pytest.fixture
def fresh() -> Iterator[None]:
    """The root logger as a new process has it; put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._CHATTY}
    root.handlers[:] = []
    yield
    logging.captureWarnings(False)
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def lines(folder: Path) -> list[dict[str, Any]]:
    """The log file, parsed."""
    text = (folder / "logs" / "jingwei.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.usefixtures("fresh")
def test_a_line_says_when_where_how_bad_and_what(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logging.getLogger("jingwei.engine").info("检查 %s 完成", "HW-016-1", extra={"took": 1.5})
    line = lines(tmp_path)[0]
    assert (line["level"], line["logger"], line["message"], line["took"]) == (
        "INFO", "jingwei.engine", "检查 HW-016-1 完成", 1.5,
    )  # fmt: skip
    assert line["time"].endswith("+08:00")
    assert isinstance(line["process"], int)


@pytest.mark.usefixtures("fresh")
def test_chinese_stays_readable_in_the_file(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logging.getLogger("jingwei").warning("机房温度 29.4 °C")
    assert "机房温度" in (tmp_path / "logs" / "jingwei.log").read_text(encoding="utf-8")


@pytest.mark.usefixtures("fresh")
def test_an_exception_keeps_its_traceback_on_one_line(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    try:
        raise ValueError("坏值")
    except ValueError:
        logging.getLogger("jingwei").exception("失败")
    (line,) = lines(tmp_path)
    assert "ValueError: 坏值" in line["exc_info"]


@pytest.mark.usefixtures("fresh")
def test_no_secret_reaches_the_file_or_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(tmp_path, console=logging.INFO)
    try:
        raise ValueError("postgresql://ops:S3cret-1@127.0.0.1/db")
    except ValueError:
        logging.getLogger("jingwei").exception(
            "登录失败 password=S3cret-2",
            extra={"community": "S3cret-3", "data": {"token": "S3cret-4"}},
        )
    everything = (tmp_path / "logs" / "jingwei.log").read_text() + capsys.readouterr().err
    assert "登录失败" in everything
    assert "S3cret" not in everything


@pytest.mark.usefixtures("fresh")
def test_people_see_short_lines_from_the_level_they_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(tmp_path, console=logging.WARNING)
    logging.getLogger("jingwei.engine").info("细节")
    logging.getLogger("jingwei.engine").warning("注意")
    shown = capsys.readouterr().err
    assert "细节" not in shown
    assert shown.strip().endswith("WARNING engine: 注意")
    assert [line["message"] for line in lines(tmp_path)] == ["细节", "注意"]


@pytest.mark.usefixtures("fresh")
def test_configuring_again_only_changes_what_people_see(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(tmp_path, console=logging.CRITICAL)
    logs.configure(tmp_path, console=logging.INFO)
    logging.getLogger("jingwei").info("一次")
    ours = [each for each in logging.getLogger().handlers if hasattr(each, "jingwei")]
    assert len(ours) == 2
    assert len(lines(tmp_path)) == 1
    assert capsys.readouterr().err.count("一次") == 1


@pytest.mark.usefixtures("fresh")
def test_a_page_not_found_stays_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(tmp_path)
    logging.getLogger("django.request").warning("Not Found: /x")
    logging.getLogger("django.request").error("Internal Server Error: /y")
    shown = capsys.readouterr().err
    assert ("/x" in shown, "/y" in shown) == (False, True)
    assert len(lines(tmp_path)) == 2


@pytest.mark.usefixtures("fresh")
def test_chatty_libraries_are_quiet_and_warnings_are_kept(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logging.getLogger("httpx").info("GET /")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("陈旧的调用", UserWarning, stacklevel=1)
    (line,) = lines(tmp_path)
    assert (line["logger"], "陈旧的调用" in line["message"]) == ("py.warnings", True)


@pytest.mark.usefixtures("fresh")
def test_colour_is_for_terminals_only() -> None:
    record = logging.LogRecord("jingwei.x", logging.ERROR, "f", 1, "坏", None, None)
    assert "\x1b[31m" in logs.HumanLines(colour=True).format(record)
    assert "\x1b" not in logs.HumanLines(colour=False).format(record)


def test_a_full_file_is_rotated_and_only_so_many_are_kept(tmp_path: Path) -> None:
    handler = logs.Lines(tmp_path / "a.log", longest=100, kept=3)
    for number in range(40):
        handler.emit(logging.LogRecord("x", 20, "f", 1, "%04d" + "." * 40, (number,), None))
    handler.close()
    kept = sorted(path.name for path in tmp_path.glob("a.log*"))
    assert kept == ["a.lock", "a.log", "a.log.1", "a.log.2", "a.log.3"] or kept == [
        "a.log", "a.log.1", "a.log.2", "a.log.3",
    ]  # fmt: skip
    newest = (tmp_path / "a.log").read_text() or (tmp_path / "a.log.1").read_text()
    assert "0039" in newest + (tmp_path / "a.log.1").read_text()


def test_several_writers_rotate_without_losing_a_line(tmp_path: Path) -> None:
    """Two processes, as pages and worker are: every line is in exactly one file."""
    program = (
        "import logging, sys; from pathlib import Path; from jingwei.run.logs import Lines\n"
        "h = Lines(Path(sys.argv[1]), longest=4000, kept=50)\n"
        "for n in range(300):\n"
        "    text = f'{sys.argv[2]}-{n} ' + '.' * 60\n"
        "    h.emit(logging.LogRecord('x', 20, 'f', 1, text, None, None))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.log")]
    running = [subprocess.Popen([*command, name]) for name in ("p", "q")]
    assert [process.wait(60) for process in running] == [0, 0]
    written = [
        line.split()[0]
        for path in tmp_path.glob("a.log*")
        if path.suffix != ".lock"
        for line in path.read_text().splitlines()
    ]
    assert sorted(written) == sorted(f"{name}-{n}" for name in "pq" for n in range(300))


def test_threads_share_a_handler(tmp_path: Path) -> None:
    handler = logs.Lines(tmp_path / "a.log", longest=2000, kept=50)
    logger = logging.Logger("threads")
    logger.addHandler(handler)
    threads = [
        threading.Thread(target=lambda: [logger.info("x" * 50) for _ in range(100)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    handler.close()
    files = [path for path in tmp_path.glob("a.log*") if path.suffix != ".lock"]
    assert sum(len(path.read_text().splitlines()) for path in files) == 400


def test_a_disk_that_refuses_is_told_once_a_minute_and_nothing_stops(tmp_path: Path) -> None:
    (tmp_path / "a.log").symlink_to("/dev/full")
    program = (
        "import logging, sys; from pathlib import Path; from jingwei.run.logs import Lines\n"
        "logger = logging.Logger('x'); logger.addHandler(Lines(Path(sys.argv[1])))\n"
        "for _ in range(5): logger.error('丢失')\n"
        "print('still here')\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.log")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "still here\n"
    assert ended.stderr.count("日志无法写入") == 1
    assert "No space left" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.usefixtures("fresh")
def test_a_folder_that_can_not_be_written_leaves_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    logs.configure(tmp_path)
    logging.getLogger("jingwei").warning("仍可见")
    shown = capsys.readouterr().err
    assert "日志只显示在屏幕上" in shown
    assert "仍可见" in shown

"""http: real sockets, real TLS, and every way an answer can be framed or broken."""

import asyncio
import base64
import gzip
import json
import zlib
from typing import Any

import httptools
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import (
    HOME,
    Authority,
    as_rows,
    ask,
    babbles,
    calm,
    closes,
    hangs,
    resets,
    samples,
    says,
    tcp_peer,
    values,
)

from jingwei.probes import find, parse_options
from jingwei.probes.http import HttpOptions, judged_content, text_of
from jingwei.probes.http1 import Exchange, Request, Response
from jingwei.probes.jsonpath import PathError, compiled, value_at
from jingwei.terms import Reason

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


async def test_a_page_gives_status_size_and_times() -> None:
    async with tcp_peer(says(OK)) as port:
        outcome = await ask("http", port)
    seen = values(outcome)
    assert seen["http.status"] == 200
    assert seen["http.size"] == 5
    assert 0 < seen["http.connect"] <= seen["http.time"]
    assert 0 < seen["http.first_byte"] <= seen["http.time"]
    assert "http.dns" not in seen
    assert "http.tls" not in seen
    assert {reading.unit for reading in outcome.readings} == {"", "ms", "B"}


async def test_a_name_is_looked_up_and_timed() -> None:
    async with tcp_peer(says(OK)) as port:
        seen = values(await ask("http", port, address="localhost", timeout=5))
    assert seen["http.dns"] >= 0


async def test_a_server_error_is_a_reading_and_no_probe_error() -> None:
    async with tcp_peer(says(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")) as port:
        seen = values(await ask("http", port, json=[{"reading": "a", "path": "a"}]))
    assert seen["http.status"] == 500
    assert seen["http.json_valid"] is False


@pytest.mark.parametrize(
    ("answer", "size"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 0),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 13),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", 13),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            5,
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 2),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbye", 3),
    ],
)
async def test_every_framing_is_understood(answer: bytes, size: int) -> None:
    async with tcp_peer(says(answer)) as port:
        seen = values(await ask("http", port))
    assert seen["http.status"] in (200, 204)
    assert seen["http.size"] == size


async def test_head_has_no_body_whatever_its_length_says() -> None:
    async with tcp_peer(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", pause=2)) as port:
        seen = values(await ask("http", port, method="HEAD"))
    assert seen["http.size"] == 0


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw"])
async def test_compressed_bodies_are_read(coding: str) -> None:
    text = "健康 UP ".encode() * 500
    if coding == "gzip":
        body = gzip.compress(text)
    elif coding == "deflate":
        body = zlib.compress(text)
    else:
        packer = zlib.compressobj(wbits=-15)
        body = packer.compress(text) + packer.flush()
    name = "gzip" if coding == "gzip" else "deflate"
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n"
    async with tcp_peer(says(head.encode() + body)) as port:
        seen = values(await ask("http", port, expect_body="健康 UP"))
    assert seen["http.size"] == len(text)
    assert seen["http.body_match"] is True


async def test_a_compression_bomb_stops_at_the_limit() -> None:
    body = gzip.compress(b"\x00" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    async with tcp_peer(says(head.encode() + body)) as port:
        seen = values(await ask("http", port, max_body=100_000))
    assert seen["http.size"] == 100_000


async def test_an_endless_body_stops_at_the_limit() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with tcp_peer(endless) as port:
        seen = values(await ask("http", port, max_body=10_000))
    assert seen["http.size"] == 10_000


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "正文不完整"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "正文不完整"),
        (b"HTTP/1.1 200 OK\r\nConte", "应答头不完整"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "不是有效的 HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nabcde", "损坏"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: br\r\n\r\nab", "正文编码"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 300 + b"\r\n", "不是有效的 HTTP"),
        (b"220 smtp.example ESMTP\r\n", "不是有效的 HTTP"),
    ],
)
async def test_a_broken_answer_is_told_as_such(answer: bytes, said: str) -> None:
    async with tcp_peer(says(answer)) as port:
        outcome = await ask("http", port)
    assert outcome.reason is Reason.PROTOCOL
    assert said in outcome.error


async def test_a_refusing_hanging_resetting_or_mute_peer(closed_port: int) -> None:
    refused = await ask("http", closed_port)
    assert refused.reason is Reason.REFUSED
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("http", port, timeout=0.4)
        assert outcome.reason is reason, handler.__name__


async def test_a_half_sent_answer_that_stalls_is_a_timeout() -> None:
    async with tcp_peer(
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", pause=5)
    ) as port:
        outcome = await ask("http", port, timeout=0.3)
    assert outcome.reason is Reason.TIMEOUT


async def test_what_is_sent_is_what_was_asked_for() -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n") + await reader.read(4))
        writer.write(OK)

    async with tcp_peer(listen) as port:
        await ask(
            "http",
            port,
            {"user": "ops", "password": "密码"},
            method="POST",
            path="/登录?a=1&b=静安",
            host="portal.example",
            headers={"X-Trace": "1", "user-agent": "检查"},
            body='{"a"',
        )
    request = heard[0].decode()
    assert request.startswith("POST /%E7%99%BB%E5%BD%95?a=1&b=%E9%9D%99%E5%AE%89 HTTP/1.1\r\n")
    assert f"Host: portal.example:{port}\r\n" in request
    assert "X-Trace: 1\r\n" in request
    assert "user-agent: 检查\r\n" in request
    assert "User-Agent: jingwei" not in request
    expected = base64.b64encode("ops:密码".encode()).decode()
    assert f"Authorization: Basic {expected}\r\n" in request
    assert "Content-Length: 4\r\n" in request
    assert request.endswith('{"a"')


@pytest.mark.parametrize(("name", "sample"), samples("http"))
def test_recorded_answers_give_the_expected_readings(name: str, sample: Any) -> None:
    options = parse_options(find("http"), sample["options"])
    response = Response(
        status=sample["status"],
        headers=[(key, value) for key, value in sample["headers"].items()],
        body=sample["body"].encode(sample.get("charset", "utf-8")),
    )
    assert as_rows(judged_content(response, options)) == sample["readings"], name


@pytest.mark.parametrize("charset", ["GBK", "gb2312", "utf-8", "x-nonsense", ""])
def test_chinese_pages_are_read_in_their_charset(charset: str) -> None:
    kind = f"text/html; charset={charset}" if charset else "text/html"
    coded = "静安区".encode("gb18030" if charset in ("GBK", "gb2312") else "utf-8")
    assert text_of(coded, kind) == "静安区"


def test_an_undeclared_gb18030_page_is_read_too() -> None:
    assert text_of("登录系统".encode("gb18030"), "text/html") == "登录系统"


# -- redirects


def redirecting(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


async def test_a_redirect_is_a_reading_unless_it_may_be_followed() -> None:
    heard: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heard.append(head)
        writer.write(OK if "/login" in head.split("\r\n")[0] else redirecting("/login?x=1"))

    async with tcp_peer(serve) as port:
        stopped = values(await ask("http", port))
        followed = values(await ask("http", port, {"user": "u", "password": "pw"},
                                    follow_redirects=2))  # fmt: skip
    assert stopped["http.status"] == 302
    assert followed["http.status"] == 200
    assert heard[2].startswith("GET /login?x=1 HTTP/1.1")
    assert f"Host: {HOME}:{port}" in heard[2]
    assert "Authorization" in heard[2], "the same origin may see the credentials again"


async def test_credentials_do_not_follow_to_another_origin() -> None:
    heard: list[str] = []

    async def second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(OK)

    async with (
        tcp_peer(second) as other,
        tcp_peer(says(redirecting(f"http://{HOME}:{other}/"))) as port,
    ):
        seen = values(await ask("http", port, {"user": "u", "password": "pw"}, follow_redirects=1))
    assert seen["http.status"] == 200
    assert "Authorization" not in heard[0]


async def test_a_redirect_loop_ends_with_its_last_status() -> None:
    async with tcp_peer(says(redirecting("/"))) as port:
        seen = values(await ask("http", port, follow_redirects=3))
    assert seen["http.status"] == 302


@pytest.mark.parametrize("location", ["ftp://a/b", "http://[broken", "http://a:99999/"])
async def test_a_redirect_to_nowhere_is_told(location: str) -> None:
    async with tcp_peer(says(redirecting(location))) as port:
        outcome = await ask("http", port, follow_redirects=1, timeout=1)
    assert outcome.reason is Reason.PROTOCOL
    assert "跳转地址" in outcome.error


# -- TLS


async def test_https_is_checked_against_the_internal_authority(authority: Authority) -> None:
    pair = authority.issue("web", ["portal.example", HOME])
    async with tcp_peer(says(OK), pair.server_context()) as port:
        trusted = await ask("http", port, scheme="https", ca_file=str(authority.file))
        named = await ask(
            "http", port, scheme="https", ca_file=str(authority.file), host="portal.example"
        )
        wrong = await ask(
            "http", port, scheme="https", ca_file=str(authority.file), host="other.example"
        )
        unknown = await ask("http", port, scheme="https")
        unchecked = await ask("http", port, scheme="https", verify=False)
    assert values(trusted)["http.tls"] > 0
    assert values(named)["http.status"] == 200
    assert wrong.reason is Reason.PROTOCOL
    assert "证书不可信" in wrong.error
    assert unknown.reason is Reason.PROTOCOL
    assert values(unchecked)["http.status"] == 200


async def test_https_to_a_plain_port_and_a_missing_ca_file() -> None:
    async with tcp_peer(says(OK)) as port:
        plain = await ask("http", port, scheme="https", verify=False, timeout=1)
        missing = await ask("http", port, scheme="https", ca_file="/nonexistent/ca.pem")
    assert plain.reason is Reason.PROTOCOL
    assert missing.reason is Reason.COLLECTOR
    assert "读不到证书文件" in missing.error


def test_it_works_the_same_on_uvloop(authority: Authority, closed_port: int) -> None:
    pair = authority.issue("uv", [HOME])

    async def main() -> None:
        async with tcp_peer(says(OK)) as port:
            assert values(await ask("http", port))["http.status"] == 200
        async with tcp_peer(says(OK), pair.server_context()) as port:
            seen = await ask("http", port, scheme="https", ca_file=str(authority.file))
            assert values(seen)["http.status"] == 200
            assert (await ask("http", port, scheme="https")).reason is Reason.PROTOCOL
        async with tcp_peer(hangs) as port:
            assert (await ask("http", port, timeout=0.2)).reason is Reason.TIMEOUT
            assert (await ask("http", port, scheme="https", timeout=0.2)).reason is Reason.TIMEOUT
        async with tcp_peer(resets) as port:
            assert (await ask("http", port)).reason is Reason.PROTOCOL
        assert (await ask("http", closed_port)).reason is Reason.REFUSED

    uvloop.run(main())


# -- framing, split anywhere


def fed(pieces: list[bytes], close: bool) -> Response | Exception:
    """What an exchange makes of these pieces, without a socket."""

    async def main() -> Response:
        exchange = Exchange()
        waiter = exchange.expect("GET", 1_000_000)
        for piece in pieces:
            exchange.data_received(piece)
        if close:
            exchange.connection_lost(None)
        return await asyncio.wait_for(waiter, 1)

    try:
        return asyncio.run(main())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
        return error


WHOLE = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: 1\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.0 200 OK\r\n\r\nhello",
]


@calm
@given(st.sampled_from(WHOLE), st.data())
def test_an_answer_split_at_any_byte_reads_the_same(whole: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    response = fed(pieces, close=True)
    assert isinstance(response, Response)
    assert response.status == 200
    assert response.body == b"hello"


@calm
@given(st.binary(max_size=200))
def test_no_bytes_break_the_exchange(noise: bytes) -> None:
    result = fed([noise], close=True)
    assert isinstance(result, Response | Exception)
    assert not isinstance(result, TimeoutError | httptools.HttpParserError)


def test_a_request_is_written_as_rfc_9112_says() -> None:
    assert Request("GET", "/", (("Host", "a"),)).encoded() == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert Request("POST", "/x").encoded() == b"POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


# -- JSON paths


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("status", "UP"),
        ("$.components.db.status", "DOWN"),
        ("queues[1].depth", 7),
        ("queues.0.depth", 3),
        ('["a.b"].c', 1),
        ("queues[9].depth", None),
        ("status.deeper", None),
        ("nothing", None),
    ],
)
def test_a_json_path_leads_to_its_value(path: str, found: Any) -> None:
    document = json.loads(
        '{"status":"UP","components":{"db":{"status":"DOWN"}},'
        '"queues":[{"depth":3},{"depth":7}],"a.b":{"c":1}}'
    )
    assert value_at(document, compiled(path)) == found


@pytest.mark.parametrize("path", ["", "$", "a..b", "a[", "a[x]", "a]", "[1", 'a["x]'])
def test_a_path_that_cannot_be_read_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        compiled(path)


@calm
@given(st.text(max_size=20))
def test_any_text_is_a_path_or_refused(path: str) -> None:
    try:
        steps = compiled(path)
    except PathError:
        return
    assert value_at({"a": [1]}, steps) is None or isinstance(
        value_at({"a": [1]}, steps), int | list
    )


def test_default_ports_follow_the_scheme() -> None:
    assert HttpOptions().default_port == 80
    assert HttpOptions(scheme="https").default_port == 443

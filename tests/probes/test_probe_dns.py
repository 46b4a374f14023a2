"""dns: a real dnsmasq, name servers that lie or are slow, answers over UDP and TCP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import uvloop
from probe_peers import HOME, ask, free_port, tcp_peer, values
from probe_servers import needs, running

from jingwei.probes import OptionError, find, parse_options
from jingwei.terms import Reason

Answer = Callable[[dns.message.Message], dns.message.Message | bytes | None]


@pytest.fixture(scope="module")
def dnsmasq(public_folder: Path) -> Iterator[int]:
    """dnsmasq that knows one host and asks nobody else."""
    command, port = needs("dnsmasq", "dnsmasq-base"), free_port()
    given = [
        "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        f"--port={port}", f"--listen-address={HOME}", "--bind-interfaces", "--user=root",
        "--pid-file=", "--host-record=his.jingan.test,10.1.2.3,600",
        "--host-record=two.jingan.test,10.1.2.4", "--host-record=two.jingan.test,10.1.2.5",
        "--txt-record=note.jingan.test,医联",
    ]  # fmt: skip
    with running([command, *given], _answers(port)):
        yield port


def _answers(port: int) -> Callable[[], bool]:
    async def once() -> bool:
        return (await ask("dns", port, name="his.jingan.test", timeout=0.3)).answered

    return lambda: asyncio.run(once())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_real_server_answers_as_expected_on_both_loops(dnsmasq: int, transport: str) -> None:
    async def main() -> None:
        seen = values(
            await ask("dns", dnsmasq, name="his.jingan.test", expect=["10.1.2.3"],
                      transport=transport)
        )  # fmt: skip
        assert seen.pop("dns.time") >= 0
        assert seen.pop("dns.ttl") <= 600
        assert seen == {
            "dns.code": "NOERROR",
            "dns.answers": 1,
            "dns.answer": "10.1.2.3",
            "dns.authoritative": True,
            "dns.expected": True,
        }

    asyncio.run(main())
    uvloop.run(main())


async def test_a_wrong_or_an_additional_answer_is_not_what_was_expected(dnsmasq: int) -> None:
    wrong = values(await ask("dns", dnsmasq, name="his.jingan.test", expect=["10.9.9.9"]))
    assert wrong["dns.expected"] is False
    both = {"name": "two.jingan.test", "expect": ["10.1.2.4"]}
    strict = values(await ask("dns", dnsmasq, **both))
    loose = values(await ask("dns", dnsmasq, only=False, **both))
    assert (strict["dns.expected"], loose["dns.expected"]) == (False, True)


async def test_a_name_there_is_not_is_a_code_and_no_error(dnsmasq: int) -> None:
    seen = values(await ask("dns", dnsmasq, name="nobody.jingan.test", expect=["10.1.2.3"]))
    assert seen["dns.code"] in {"NXDOMAIN", "REFUSED"}
    assert (seen["dns.answers"], seen["dns.expected"]) == (0, False)


async def test_an_address_is_asked_backwards_and_text_is_bare(dnsmasq: int) -> None:
    name = values(await ask("dns", dnsmasq, name="10.1.2.3", type="PTR"))
    assert name["dns.answer"] == "his.jingan.test"
    text = values(await ask("dns", dnsmasq, name="note.jingan.test", type="TXT"))
    assert text["dns.answers"] == 1


@asynccontextmanager
async def name_server(answer: Answer, tcp: Answer | None = None) -> AsyncIterator[int]:
    """A name server of our own over UDP, and over TCP at the same port."""

    def wire(said: dns.message.Message | bytes | None) -> bytes | None:
        return said.to_wire() if isinstance(said, dns.message.Message) else said

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            said = wire(answer(dns.message.from_wire(data)))
            if said is not None:
                self.transport.sendto(said, addr)  # type: ignore[attr-defined]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        question = dns.message.from_wire(await reader.readexactly(length))
        said = wire((tcp or answer)(question)) or b""
        writer.write(len(said).to_bytes(2, "big") + said)
        await writer.drain()

    async with tcp_peer(serve) as port:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind((HOME, port))
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Server, sock=opened)
        try:
            yield port
        finally:
            transport.close()
            await asyncio.sleep(0)


def reply(question: dns.message.Message, *addresses: str) -> dns.message.Message:
    made = dns.message.make_response(question)
    if addresses:
        made.answer.append(
            dns.rrset.from_text(question.question[0].name, 60, "IN", "A", *addresses)
        )
    return made


async def test_a_truncated_answer_is_asked_again_over_tcp() -> None:
    def cut(question: dns.message.Message) -> dns.message.Message:
        made = dns.message.make_response(question)
        made.flags |= dns.flags.TC
        return made

    async with name_server(cut, lambda q: reply(q, "10.0.0.1", "10.0.0.2")) as port:
        seen = values(await ask("dns", port, name="many.test"))
    assert seen["dns.answer"] == "10.0.0.1,10.0.0.2"


async def test_a_server_in_trouble_says_servfail() -> None:
    def trouble(question: dns.message.Message) -> dns.message.Message:
        made = dns.message.make_response(question)
        made.set_rcode(dns.rcode.SERVFAIL)
        return made

    async with name_server(trouble) as port:
        assert values(await ask("dns", port, name="x.test"))["dns.code"] == "SERVFAIL"


async def test_forged_answers_are_passed_over_and_broken_ones_told(closed_port: int) -> None:
    def forged(question: dns.message.Message) -> bytes:
        raw = bytearray(reply(question, "6.6.6.6").to_wire())
        raw[0] ^= 0xFF
        return bytes(raw)

    def broken(question: dns.message.Message) -> bytes:
        return reply(question, "10.0.0.1").to_wire()[:-3]

    for answer, reason in ((forged, Reason.TIMEOUT), (lambda _: None, Reason.TIMEOUT),
                           (broken, Reason.PROTOCOL)):  # fmt: skip
        async with name_server(answer) as port:
            outcome = await ask("dns", port, name="x.test", timeout=0.3)
        assert outcome.reason is reason, outcome
    assert (await ask("dns", closed_port, name="x.test")).reason is Reason.REFUSED
    refused = await ask("dns", closed_port, name="x.test", transport="tcp")
    assert refused.reason is Reason.REFUSED


@pytest.mark.parametrize(
    "given",
    [{"name": ""}, {"name": "a" * 64 + ".test"}, {"name": "a..b"}, {"name": "x", "type": "PTR"}],
)
def test_a_name_that_is_none_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(OptionError) as refused:
        parse_options(find("dns"), given)
    assert refused.value.field == "name"

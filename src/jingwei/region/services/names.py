"""A name server: the addresses of the district's applications (RFC 1035), over UDP and TCP."""

import asyncio
from collections.abc import Mapping
from typing import Any

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

WRONG = "192.0.2.66"  # TEST-NET-1: nobody's


class NameServer:
    """Knows a few names; a faulty one gives an address that is not theirs."""

    def __init__(self, thing: Thing, names: Mapping[str, str]) -> None:
        self._thing = thing
        self._names = names

    def reply(self, raw: bytes) -> bytes | None:
        """The answer to a question; None to what is none."""
        import dns.exception  # noqa: PLC0415 - only where names are served
        import dns.message  # noqa: PLC0415

        try:
            question = dns.message.from_wire(raw)
            return self._answer(question).to_wire() if question.question else None
        except (dns.exception.DNSException, ValueError):
            return None

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The same over TCP: two bytes of length before each message."""
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            said = self.reply(await reader.readexactly(length))
            if said is None:
                return
            writer.write(len(said).to_bytes(2, "big") + said)
            await writer.drain()

    def _answer(self, question: Any) -> Any:
        import dns.flags  # noqa: PLC0415
        import dns.message  # noqa: PLC0415
        import dns.rcode  # noqa: PLC0415
        import dns.rdatatype  # noqa: PLC0415
        import dns.rrset  # noqa: PLC0415

        made = dns.message.make_response(question)
        made.flags |= dns.flags.AA
        asked = question.question[0]
        address = self._names.get(asked.name.to_text().rstrip(".").lower())
        if address is None:
            made.set_rcode(dns.rcode.NXDOMAIN)
        elif asked.rdtype == dns.rdatatype.A:
            given = WRONG if self._thing.has(FaultName.DNS_WRONG_ANSWER) else address
            made.answer.append(dns.rrset.from_text(asked.name, 300, "IN", "A", given))
        return made

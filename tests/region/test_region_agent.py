"""One SNMP agent, packet by packet (RFC 3416)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.region.snmp import ber
from jingwei.region.snmp.agent import (
    GET,
    GETBULK,
    GETNEXT,
    NO_ACCESS,
    RESPONSE,
    SET,
    TOO_BIG,
    Agent,
)
from jingwei.region.snmp.ber import Oid

BASE = (1, 3, 6, 1, 4, 1, 99)
Binding = tuple[Oid, int, bytes]


def packet(
    kind: int,
    *names: Oid,
    status: int = 0,
    index: int = 0,
    community: str = "read",
    version: int = 1,
) -> bytes:
    bindings = b"".join(ber.tlv(ber.SEQUENCE, ber.oid(name) + ber.NULL_VALUE) for name in names)
    pdu = (
        ber.integer(42) + ber.integer(status) + ber.integer(index) + ber.tlv(ber.SEQUENCE, bindings)
    )
    return ber.tlv(ber.SEQUENCE, ber.integer(version) + ber.octets(community) + ber.tlv(kind, pdu))


def answer(agent: Agent, request: bytes) -> tuple[int, int, list[Binding]]:
    """Error status, error index and bindings of the response."""
    response = agent.respond(request)
    assert response is not None
    fields = list(ber.read_all(ber.read(response, 0)[1]))
    assert fields[2][0] == RESPONSE
    parts = list(ber.read_all(fields[2][1]))
    assert ber.to_integer(parts[0][1]) == 42
    bindings = []
    for _, binding in ber.read_all(parts[3][1]):
        (_, name), (tag, value) = ber.read_all(binding)
        bindings.append((ber.to_oid(name), tag, value))
    return ber.to_integer(parts[1][1]), ber.to_integer(parts[2][1]), bindings


def agent_with(count: int, **options: int) -> Agent:
    objects = [((*BASE, 1, n), ber.integer(n)) for n in range(1, count + 1)]
    return Agent(objects, community="read", **options)  # type: ignore[arg-type]


def test_get_answers_several_names_in_order() -> None:
    _, _, bindings = answer(agent_with(3), packet(GET, (*BASE, 1, 3), (*BASE, 1, 1)))
    assert bindings == [((*BASE, 1, 3), 2, b"\x03"), ((*BASE, 1, 1), 2, b"\x01")]


def test_a_missing_row_and_a_missing_column_are_told_apart() -> None:
    _, _, bindings = answer(agent_with(3), packet(GET, (*BASE, 1, 9), (*BASE, 7, 1)))
    assert [tag for _, tag, _ in bindings] == [0x81, 0x80]


def test_a_live_value_is_asked_at_each_request() -> None:
    values = iter((10, 20))
    agent = Agent([((*BASE, 1), lambda: ber.integer(next(values)))], community="read")
    seen = [answer(agent, packet(GET, (*BASE, 1)))[2][0][2] for _ in range(2)]
    assert seen == [b"\x0a", b"\x14"]


def test_getnext_walks_to_the_end_of_the_view() -> None:
    agent = agent_with(3)
    name: Oid = BASE
    walked = []
    while True:
        [(found, tag, _)] = answer(agent, packet(GETNEXT, name))[2]
        if tag == 0x82:
            break
        walked.append(found[-1])
        name = found
    assert walked == [1, 2, 3]
    assert found == name


def test_getbulk_repeats_columns_after_the_non_repeaters() -> None:
    objects = [((*BASE, c, r), ber.integer(10 * c + r)) for c in (1, 2, 3) for r in (1, 2)]
    agent = Agent(objects, community="read")
    request = packet(GETBULK, (*BASE, 1), (*BASE, 2), (*BASE, 3), status=1, index=2)
    _, _, bindings = answer(agent, request)
    assert [name[len(BASE) :] for name, _, _ in bindings] == [
        (1, 1),
        (2, 1),
        (3, 1),
        (2, 2),
        (3, 2),
    ]


def test_getbulk_stops_when_every_column_has_ended() -> None:
    request = packet(GETBULK, (*BASE, 1, 2), index=50)
    _, _, bindings = answer(agent_with(3), request)
    assert [tag for _, tag, _ in bindings] == [2, 0x82]


@settings(deadline=None)
@given(st.integers(200, 1472), st.integers(1, 300))
def test_a_bulk_response_never_outgrows_its_limit(largest: int, repetitions: int) -> None:
    agent = agent_with(400, largest=largest)
    response = agent.respond(packet(GETBULK, BASE, index=repetitions))
    assert response is not None
    assert len(response) <= largest
    bindings = answer(agent, packet(GETBULK, BASE, index=repetitions))[2]
    assert [name[-1] for name, _, _ in bindings] == list(range(1, len(bindings) + 1))


def test_a_get_that_does_not_fit_is_too_big() -> None:
    agent = Agent([((*BASE, 1), ber.octets("x" * 900))], community="read")
    status, _, bindings = answer(agent, packet(GET, (*BASE, 1), (*BASE, 1)))
    assert (status, bindings) == (TOO_BIG, [])


def test_a_set_is_refused() -> None:
    status, index, bindings = answer(agent_with(1), packet(SET, (*BASE, 1, 1)))
    assert (status, index, len(bindings)) == (NO_ACCESS, 1, 1)


def test_a_wrong_community_and_another_version_are_met_with_silence() -> None:
    agent = agent_with(1)
    assert agent.respond(packet(GET, (*BASE, 1, 1), community="public")) is None
    assert agent.respond(packet(GET, (*BASE, 1, 1), version=0)) is None


def test_a_silent_agent_drops_every_packet() -> None:
    quiet = True
    agent = Agent([((*BASE, 1), ber.integer(1))], community="read", silent=lambda: quiet)
    assert agent.respond(packet(GET, (*BASE, 1))) is None
    quiet = False
    assert agent.respond(packet(GET, (*BASE, 1))) is not None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_dropped(noise: bytes) -> None:
    assert agent_with(1).respond(noise) is None


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 255))
def test_a_damaged_request_never_breaks_the_agent(place: int, octet: int) -> None:
    damaged = bytearray(packet(GETBULK, BASE, index=5))
    damaged[place % len(damaged)] = octet
    response = agent_with(3).respond(bytes(damaged))
    assert response is None or response[0] == ber.SEQUENCE


def test_two_objects_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="same name"):
        Agent([(BASE, ber.integer(1)), (BASE, ber.integer(2))], community="read")

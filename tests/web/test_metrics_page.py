"""/metrics: who may read it, in which format, and that it says what the pages say."""

import math
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as families
from web_making import World

from jingwei.accounts.models import User
from jingwei.checks.models import CheckState
from jingwei.checks.queries.latest import latest
from jingwei.web import tokens
from jingwei.web.exposition import OPEN, PLAIN, Family, wants_open, written

Got = dict[str, dict[tuple[tuple[str, str], ...], float]]


def read(text: str, parser: Any = families) -> Got:
    """Name -> labels -> value, by Prometheus's own parser."""
    return {
        family.name: {tuple(sorted(one.labels.items())): one.value for one in family.samples}
        for family in parser(text)
    }


def ask(client: Client | None = None, **given: Any) -> Any:
    """A request as a scraper on this machine makes it."""
    return (client or Client()).get("/metrics", **({"HTTP_HOST": "localhost:8000"} | given))


def test_from_this_machine_it_says_what_the_pages_say(world: World) -> None:
    state = CheckState.objects.get(check_ref=world.check)
    state.readings = [
        {"key": "room.temperature", "value": 29.4, "unit": "°C"},
        {"key": "room.temperature", "value": 29.4, "unit": "°C"},
        {"key": 'room.leak[a"b\\c]', "value": False, "unit": ""},
        {"key": "room.state", "value": "normal", "unit": ""},
    ]
    state.save()
    answer = ask()
    assert (answer.status_code, answer["Content-Type"]) == (200, PLAIN)
    found = read(answer.content.decode())
    assert found["jingwei_findings_open"] == {
        (("result", "abnormal"),): 2, (("result", "attention"),): 0,
    }  # fmt: skip
    assert sum(found["jingwei_checks"].values()) == CheckState.objects.count()
    mine = {
        dict(labels)["reading"]: (dict(labels)["instance"], value)
        for labels, value in found["jingwei_reading"].items()
        if dict(labels)["check"] == world.check.key
    }
    assert mine == {"room.temperature": ("", 29.4), "room.leak": ('a"b\\c', 0)}
    results = {
        dict(labels)["check"]: dict(labels)["result"] for labels in found["jingwei_check_result"]
    }
    assert results[world.check.key] == "abnormal"
    assert len(results) == CheckState.objects.count()


def test_openmetrics_is_given_to_who_prefers_it_and_its_own_parser_reads_it(world: World) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    answer = ask(headers={"Accept": accept})
    assert answer["Content-Type"] == OPEN
    text = answer.content.decode()
    assert text.endswith("# EOF\n")
    assert read(text, open_families) == read(ask().content.decode())


@pytest.mark.parametrize(
    "given",
    [
        {"REMOTE_ADDR": "10.1.2.3"},
        {"HTTP_HOST": "ops.example"},  # a name of the network: a proxy that says nothing of itself
        {"headers": {"X-Forwarded-For": "10.1.2.3"}},
        {"headers": {"Forwarded": "for=10.1.2.3"}},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "10.1.2.3", "headers": {"Authorization": "Bearer forged"}},
        {"REMOTE_ADDR": "10.1.2.3", "headers": {"Authorization": "Basic YTpi"}},
    ],
)
def test_from_elsewhere_it_is_refused_without_a_token(
    world: World, settings: Any, given: dict[str, Any]
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "ops.example"]
    answer = ask(**given)
    assert answer.status_code == 401
    assert "令牌" in answer.content.decode()
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "jingwei_" not in answer.content.decode()


def test_a_reading_token_is_enough_and_a_contact_of_an_institution_may_not(
    world: World, make_user: Any
) -> None:
    def by(user: User) -> int:
        bearer = {"Authorization": f"Bearer {tokens.make(user)}"}
        return int(ask(REMOTE_ADDR="10.1.2.3", headers=bearer).status_code)

    assert by(make_user("client_admin")) == 200
    assert (by(make_user("institution")), by(make_user("visitor"))) == (401, 401)
    initial = make_user("second_line")
    initial.must_change_password = True
    initial.save()
    assert by(initial) == 401


def test_only_reading_is_answered(world: World) -> None:
    assert Client().post("/metrics", HTTP_HOST="localhost").status_code == 405


def test_latest_is_one_query_whatever_there_is(
    world: World, django_assert_num_queries: Any
) -> None:
    there = CheckState.objects.count()
    with django_assert_num_queries(1):
        assert len(list(latest())) == there


@pytest.mark.parametrize(
    ("accept", "open_"),
    [
        ("", False), ("*/*", False), ("text/html", False), ("text/plain", False),
        ("application/openmetrics-text", True),
        ("text/plain;q=0.9, application/openmetrics-text;q=0.8", False),
        ("application/openmetrics-text;q=x, text/plain;q=0.1", False),
        ("application/openmetrics-text; version=1.0.0;q=0.5, */*;q=0.1", True),
    ],
)  # fmt: skip
def test_the_format_is_the_one_preferred(accept: str, open_: bool) -> None:
    assert wants_open(accept) is open_


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20),
            st.floats(allow_nan=False),
        ),
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_label_and_any_number_come_back_as_they_were(rows: list[tuple[str, float]]) -> None:
    family = Family("x", 'a "help"\\ of\nlines', [({"l": text}, value) for text, value in rows])
    for open_, parser in ((False, families), (True, open_families)):
        text = "".join(written([family], open_metrics=open_))
        back = {dict(labels)["l"]: value for labels, value in read(text, parser)["x"].items()}
        assert back == dict(rows)


def test_what_is_no_number_is_written_as_prometheus_does() -> None:
    rows = [({}, math.nan), ({}, math.inf), ({}, -math.inf), ({}, 1e300), ({}, 3.0)]
    text = "".join(written([Family("x", "", rows)], open_metrics=False))
    assert [row.split(" ")[1] for row in text.splitlines()[2:]] == [
        "NaN", "+Inf", "-Inf", "1e+300", "3",
    ]  # fmt: skip

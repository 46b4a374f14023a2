"""No address breaks a page: NUL, surrogates, dates of year 1 and 9999, pages without end."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from web_making import SignIn, World

QUERIES = (
    "q=%00",
    "target=%00&item=%00&level=%00&kind=%00&state=%00",
    "institution=%00&application=%00&site=%00&pick=%00&status=%00&person=%00",
    "page=%00&actor=%00&action=%00&since=%00&until=%00&table=%00",
    "q=%ED%A0%80",
    "page=999999999999999999999999",
    "as_of=0001-01-01",
    "as_of=9999-12-31",
    "as_of=1999-12-31",
    "since=0001-01-01&until=9999-12-31&month=0001-01&year=9999&day=0001-01-01",
    "date=0001-01-01",
    "date=9999-12-31",
    "from=0001-01-01&to=9999-12-31",
)
STREAMS = {"wall-stream"}  # 503 when too many watch: the test itself keeps them open


def names(resolver: URLResolver) -> Iterator[str]:
    """Every page of ours that needs nothing in its address."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "api":
                yield from names(one)
        elif one.name and one.name not in STREAMS:
            try:
                reverse(one.name)
            except NoReverseMatch:
                continue
            yield one.name


@pytest.mark.parametrize("role", ["system_admin", "institution"])
@pytest.mark.parametrize("query", QUERIES)
def test_no_page_breaks_over_an_odd_question(
    world: World, sign_in: SignIn, query: str, role: str
) -> None:
    client = sign_in(role)
    client.raise_request_exception = False
    broken = [
        name
        for name in sorted(set(names(get_resolver())))
        if name != "logout" and client.get(f"{reverse(name)}?{query}").status_code >= 500
    ]
    assert broken == []


def test_a_nul_in_an_address_is_told_in_words(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    for address in ("/findings/?q=a%00b", "/assets/units/%00/", "/findings/?%6f=%00"):
        answer = client.get(address)
        assert answer.status_code == 400, address
        assert "NUL" in answer.content.decode()
    assert client.get("/findings/?q=%E7%A3%81%E7%9B%98").status_code == 200


def test_a_day_before_or_after_all_time_is_told_in_words(db: None) -> None:
    for day in ("0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"):
        answer = Client().get("/login/", {"as_of": day})
        assert answer.status_code == 400
        assert "2000 年至 2099 年" in answer.content.decode()
    for day in ("2000-01-01", "2099-12-31"):
        assert Client().get("/login/", {"as_of": day}).status_code == 200

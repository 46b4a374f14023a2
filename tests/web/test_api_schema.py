"""The OpenAPI document is valid and whole, the page shows it, and no question breaks the server."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from api_making import PROBLEM, Caller, hospital, outage, person
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from web_making import SignIn

from jingwei.desk import forms
from jingwei.web.api import api, describe

pytestmark = pytest.mark.django_db


def document() -> dict[str, Any]:
    """The document as a program reads it."""
    found: dict[str, Any] = Client().get(reverse("api:openapi-json")).json()
    return found


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method, operation."""
    return [
        (path, method, what)
        for path, methods in document()["paths"].items()
        for method, what in methods.items()
    ]


def test_the_document_is_valid_openapi() -> None:
    errors = list(OpenAPIV31SpecValidator(document()).iter_errors())
    assert errors == []


def test_every_operation_has_an_id_of_its_own_words_and_a_refusal() -> None:
    found = operations()
    assert len({what["operationId"] for _, _, what in found}) == len(found) >= 17
    for path, method, what in found:
        assert what["summary"], (method, path)
        assert what["description"], (method, path)
        assert PROBLEM in what["responses"]["default"]["content"], (method, path)
        assert what["tags"], (method, path)


def test_every_write_says_which_headers_it_wants() -> None:
    for path, method, what in operations():
        headers = {each["name"] for each in what.get("parameters", []) if each["in"] == "header"}
        # A heartbeat and a webhook may come twice: they say the same again.
        if method == "post" and "heartbeat" not in path and "/events/" not in path:
            assert "Idempotency-Key" in headers, path
            assert ("If-Match" in headers) == path.startswith("/api/tickets/{number}/"), path


def test_the_page_shows_every_operation_with_its_fields(sign_in: SignIn) -> None:
    page = sign_in("client_admin").get(reverse("api-docs")).content.decode()
    for path, method, what in operations():
        assert f"{method.upper()} {path}" in page
        assert what["summary"] in page
    for text in ("Idempotency-Key", "If-Match", "reported_at", "生成读写令牌", "restored"):
        assert text in page


def test_the_page_names_choices_lists_and_times() -> None:
    found = {
        each.id: each for _, rows in describe.groups(api.get_openapi_schema()) for each in rows
    }
    create = next(each for each in found.values() if (each.method, each.path) == (
        "POST", "/api/tickets"
    ))  # fmt: skip
    fields = {field.name: field for field in create.parameters}
    assert "outage / degraded / no_impact" in fields["severity"].type
    assert fields["reported_at"].type == "时间 或 null"
    assert (fields["title"].required, fields["text"].required) == (True, False)
    answers = {field.name: field.type for field in create.answers}
    assert answers["clocks"].startswith("列表：{name、calendar、")
    assert create.statuses == ("201",)


def test_a_writing_token_is_made_on_the_page_and_audited(sign_in: SignIn) -> None:
    from jingwei.accounts.models import AuditEntry  # noqa: PLC0415

    client = sign_in("first_line")
    page = client.post(reverse("api-token"), {"scope": "write"}, follow=True).content.decode()
    assert "读写接口令牌" in page
    assert AuditEntry.objects.get(action="api.add").after == {"scope": "write"}
    page = client.post(reverse("api-token"), {"scope": "rm -rf"}, follow=True).content.decode()
    assert "只读接口令牌" in page


def test_a_contact_of_an_institution_makes_a_token_too(sign_in: SignIn) -> None:
    page = sign_in("institution").post(reverse("api-token"), follow=True).content.decode()
    token = page.split('class="secret mono">')[1].split("<")[0]
    got = Client().get("/api/tickets", headers={"Authorization": f"Bearer {token}"})
    assert got.json() == {"items": [], "next": None}


ODD = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(min_codepoint=0, max_codepoint=31), max_size=5),
    st.integers().map(str),
    st.sampled_from([
        "\0", "a\0b", "\ud800", "%00", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00", "2023-01-20T17:20", "-1", str(2**63), str(10**40), "1e400",
        "NaN", "true", "5x8", "7x24", "incident", "new", "outage", "H01", "../..", "' OR 1=1 --",
        "GD-2026-00001", "",
    ]),
)  # fmt: skip


def written(text: str) -> str:
    """As an address has it; a surrogate goes out as a careless program sends it."""
    return quote(text.encode(errors="surrogatepass"), safe="")


@pytest.fixture
def wang() -> Caller:
    """Somebody to ask, and something to ask about."""
    made = Caller(person())
    outage(made.user, institution=hospital())
    return made


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_question_breaks_the_server(wang: Caller, data: st.DataObject) -> None:
    gets = [(path, what) for path, method, what in operations_cached() if method == "get"]
    path, what = data.draw(st.sampled_from(gets))
    query = []
    for each in what.get("parameters", []):
        value = data.draw(ODD, label=each["name"])
        if each["in"] == "path":
            path = path.replace("{" + each["name"] + "}", written(value))
        elif each["in"] == "query" and data.draw(st.booleans()):
            query.append(f"{each['name']}={written(value)}")
    answer = Client().get(f"{path}?{'&'.join(query)}", headers=wang.headers)
    assert answer.status_code < 500, (path, query)
    if answer.status_code >= 400:
        assert answer["Content-Type"] in {PROBLEM, "text/html; charset=utf-8"}


_KEPT: list[Any] = []


def operations_cached() -> list[tuple[str, str, dict[str, Any]]]:
    """The document read once: it does not change."""
    if not _KEPT:
        _KEPT.extend(operations())
    return _KEPT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=5,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_body_breaks_the_server(wang: Caller, data: st.DataObject) -> None:
    fields = ["title", "text", "kind", "severity", "institution", "reported_at", "step", "reason",
              "facts", "instant", "at", "minutes", "assignee", "remote", "parent"]  # fmt: skip
    body = data.draw(st.dictionaries(st.sampled_from(fields), JSON, max_size=6) | JSON)
    where = data.draw(
        st.sampled_from([
            "/tickets", "/tickets/GD-2026-00001/transitions", "/tickets/GD-2026-00001/instants",
            "/tickets/GD-2026-00001/worklog", "/findings/1/notes",
        ])
    )  # fmt: skip
    answer = wang.post(where, json.dumps(body), key=None, if_match='"1"')
    assert answer.status_code < 500, (where, body)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_value_of_a_form_breaks_the_server(wang: Caller, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(forms.FORMS))
    names = st.sampled_from([field.name for field in form.fields]) | ODD
    values = data.draw(st.dictionaries(names, JSON | st.floats(), max_size=8))
    body = {"title": "x", "kind": form.kind, "form": {"form": form.id, "values": values}}
    answer = wang.post("/tickets", json.dumps(body))
    assert answer.status_code in {201, 403, 422, 429}, (form.id, values, answer.content)

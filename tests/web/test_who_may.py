"""Who may open what: every view asks, every role gets what its row says, no more."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.accounts.roles import ALLOWED, May, Role, may
from jingwei.web.access import WORDS

PAGES: dict[str, May | None] = {
    "board": May.SEE_BOARD,
    "board-live": May.SEE_BOARD,
    "findings": May.SEE_BOARD,
    "checks": May.SEE_BOARD,
    "heartbeat-new": May.EDIT_CHECKS,
    "maintenance": May.SEE_BOARD,
    "maintenance-new": May.EDIT_MAINTENANCE,
    "wall": May.SEE_WALL,
    "wall-data": May.SEE_WALL,
    "endpoints": May.SEE_ASSETS,
    "endpoint-new": May.EDIT_ENDPOINTS,
    "users": May.MANAGE_USERS,
    "user-new": May.MANAGE_USERS,
    "audit": May.SEE_AUDIT,
    "audit-export": May.SEE_AUDIT,
    "about": May.SEE_BOARD,
    "tickets": May.SEE_DESK,
    "search": May.SEE_DESK,
    "intake": May.HANDLE_TICKETS,
    "own-tickets": May.REPORT_OWN,
    "own-report": May.REPORT_OWN,
    "own-notices": May.SEE_DESK,
    "contacts": May.MANAGE_USERS,
    "drills": May.SEE_DESK,
    "inspections": May.SEE_DESK,
    "report-templates": May.SEE_REPORTS,
    "inspection-worker": May.HANDLE_TICKETS,
    "drill-pick": May.PLAN_DRILLS,
    "api-docs": None,
    "password": None,
}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every view of ours; ninja asks in its own way, tested with the API."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "api":
                yield from patterns(one)
        else:
            yield one


def marked(view: Any) -> bool:
    while view is not None:
        if hasattr(view, "may"):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_every_view_says_who_may_open_it() -> None:
    unmarked = [one.name for one in patterns(get_resolver()) if not marked(one.callback)]
    assert not unmarked


def test_every_permission_has_its_words_for_the_refusal() -> None:
    assert set(WORDS) == set(May)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_stranger_is_sent_to_the_login_page_and_back(world: World, name: str) -> None:
    where = reverse(name)
    response = Client().get(where)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('login')}?next={where.replace('/', '%2F')}"


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_exactly_the_pages_its_row_allows(
    world: World, sign_in: SignIn, role: str
) -> None:
    client = sign_in(role)
    for name, what in PAGES.items():
        expected = 200 if what is None or may(role, what) else 403
        assert client.get(reverse(name)).status_code == expected, (role, name)


def test_a_refusal_says_which_role_cannot_do_what(world: World, sign_in: SignIn) -> None:
    response = sign_in("client_approver").get(reverse("users"))
    assert "您的角色（甲方审批人）不能管理用户。" in response.content.decode()


def test_a_fragment_asked_for_without_login_moves_the_whole_page(world: World) -> None:
    response = Client().get(reverse("board-live"), headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Redirect"] == reverse("login")


def test_writes_are_refused_to_those_who_only_look(world: World, sign_in: SignIn) -> None:
    client = sign_in("client_approver")
    day = str(world.today)
    for name, args in (
        ("board-run", ()), ("board-confirm", ()), ("board-normal", ()), ("board-finish", ()),
        ("finding-note", (world.finding.pk,)), ("finding-acknowledge", (world.finding.pk,)),
        ("check-recheck", (world.check.pk,)), ("endpoint-remove", (world.endpoint.pk,)),
        ("endpoint-test", (world.endpoint.pk,)),
    ):  # fmt: skip
        response = client.post(reverse(name, args=args), {"date": day, "note": "x"})
        assert response.status_code == 403, name
    assert world.finding.notes.count() == 0


def test_writes_take_post_only(world: World, sign_in: SignIn) -> None:
    client = sign_in("system_admin")
    for name, args in (
        ("board-run", ()), ("board-confirm", ()), ("board-finish", ()), ("logout", ()),
        ("finding-note", (world.finding.pk,)), ("check-recheck", (world.check.pk,)),
        ("user-reset", (1,)), ("user-deactivate", (1,)), ("api-token", ()),
    ):  # fmt: skip
        assert client.get(reverse(name, args=args)).status_code == 405, name


def test_a_write_without_the_csrf_token_is_refused_in_words(world: World, sign_in: SignIn) -> None:
    response = sign_in(csrf=True).post(reverse("board-run"))
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_the_menu_shows_a_role_only_what_it_may_open(world: World, sign_in: SignIn) -> None:
    audit = sign_in("audit_admin").get(reverse("audit")).content.decode()
    assert reverse("audit") in audit
    assert f'href="{reverse("users")}"' not in audit
    engineer = sign_in("first_line").get(reverse("board")).content.decode()
    assert f'href="{reverse("audit")}"' not in engineer


def test_an_unknown_role_may_nothing() -> None:
    assert not any(may("nobody", what) for what in May)
    assert set(ALLOWED) == set(Role.values)


def test_an_ended_account_is_out_at_once(world: World, sign_in: SignIn) -> None:
    client = sign_in("first_line")
    User.objects.filter(username="u-first_line").update(is_active=False)
    assert client.get(reverse("board")).status_code == 302

"""Coming and going: login, lock, idle end, forced password change, language."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import PASSWORD, SignIn, World

from jingwei.accounts.models import AuditEntry, User
from jingwei.web.middleware import IDLE_SECONDS, SEEN

MakeUser = Callable[..., User]


def log_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> int:
    asked = {"username": username, "password": password, **more}
    return client.post(reverse("login"), asked).status_code


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))


def idle(client: Client, seconds: int) -> None:
    session = client.session
    session[SEEN] = int((timezone.now() - timedelta(seconds=seconds)).timestamp())
    session.save()


def test_the_right_password_leads_where_one_wanted_to_go(make_user: MakeUser) -> None:
    make_user()
    response = Client().post(
        reverse("login"),
        {"username": "u-first_line", "password": PASSWORD, "next": "/findings/"},
    )
    assert response["Location"] == "/findings/"
    assert actions() == ["login"]


def test_a_login_never_leads_to_another_site(make_user: MakeUser) -> None:
    make_user()
    response = Client().post(
        reverse("login"),
        {"username": "u-first_line", "password": PASSWORD, "next": "https://evil.example/x"},
    )
    assert response["Location"] == reverse("board")


def test_a_wall_visitor_begins_at_the_wall(make_user: MakeUser) -> None:
    make_user("visitor")
    response = Client().post(reverse("login"), {"username": "u-visitor", "password": PASSWORD})
    assert response["Location"] == reverse("wall")


def test_a_wrong_password_is_told_beside_the_form_and_audited(make_user: MakeUser) -> None:
    make_user()
    response = Client().post(reverse("login"), {"username": "u-first_line", "password": "wrong"})
    assert response.status_code == 422
    assert "用户名或密码不对" in response.content.decode()
    assert actions() == ["login.failed"]


def test_five_failures_lock_for_half_an_hour_even_with_the_right_password(
    make_user: MakeUser,
) -> None:
    make_user()
    client = Client()
    for _ in range(5):
        log_in(client, "u-first_line", "wrong")
    response = client.post(reverse("login"), {"username": "u-first_line", "password": PASSWORD})
    assert response.status_code == 429
    assert "锁定 30 分钟" in response.content.decode()
    assert "login.locked" in actions()


def test_logging_out_ends_the_session_and_is_audited(sign_in: SignIn) -> None:
    client = sign_in()
    assert client.post(reverse("logout"))["Location"] == reverse("login")
    assert "_auth_user_id" not in client.session
    assert actions() == ["logout"]


def test_half_an_hour_without_a_person_ends_the_session(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    client.get(reverse("board"))
    idle(client, IDLE_SECONDS + 5)
    response = client.get(reverse("board"), follow=True)
    assert "30 分钟没有操作" in response.content.decode()
    assert "_auth_user_id" not in client.session
    last = AuditEntry.objects.first()
    assert last is not None
    assert (last.action, last.reason) == ("logout", "30 分钟没有操作")


def test_an_idle_fragment_sends_the_whole_page_to_the_login(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    idle(client, IDLE_SECONDS + 5)
    response = client.get(reverse("board-live"), headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, reverse("login"))


def test_live_refreshes_are_no_sign_of_a_person(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    idle(client, 1000)
    before = client.session[SEEN]
    client.get(reverse("board-live"), headers={"X-Poll": "1"})
    assert client.session[SEEN] == before
    client.get(reverse("findings"))
    assert client.session[SEEN] > before


def test_the_wall_stays_on(world: World, sign_in: SignIn) -> None:
    client = sign_in("visitor")
    idle(client, 24 * 3600)
    assert client.get(reverse("wall-data")).status_code == 200
    assert client.session.get_expiry_age() > 20 * 24 * 3600


def test_who_got_a_password_from_somebody_changes_it_first(world: World, sign_in: SignIn) -> None:
    client = sign_in("first_line", must_change_password=True)
    assert client.get(reverse("board"))["Location"] == reverse("password")
    fragment = client.get(reverse("board-live"), headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == reverse("password")
    new = "Quiet-River-27"
    response = client.post(reverse("password"), {"old": PASSWORD, "new": new, "again": new})
    assert response["Location"] == reverse("board")
    assert client.get(reverse("board")).status_code == 200, "still logged in"
    assert User.objects.get().check_password(new)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "Quiet-River-27", "Quiet-River-27", "原密码不正确"),
        (PASSWORD, "Quiet-River-27", "Quiet-River-28", "两次输入的新密码不一致"),
        (PASSWORD, "short", "short", "密码不合要求"),
        (PASSWORD, PASSWORD, PASSWORD, "不能与原密码相同"),
        ("", "", "", "error"),
    ],
)
def test_a_bad_password_change_is_told_and_changes_nothing(
    sign_in: SignIn, old: str, new: str, again: str, said: str
) -> None:
    client = sign_in()
    response = client.post(reverse("password"), {"old": old, "new": new, "again": again})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_the_browser_does_not_choose_the_language_people_do(sign_in: SignIn) -> None:
    client = sign_in()
    page = client.get(reverse("password"), headers={"Accept-Language": "en-US"})
    assert 'lang="zh-CN"' in page.content.decode()
    response = client.post(reverse("language"), {"language": "en", "next": reverse("password")})
    assert response["Location"] == reverse("password")
    english = client.get(reverse("password")).content.decode()
    assert 'lang="en"' in english
    assert "Change password" in english


def test_an_unknown_language_is_ignored(db: None) -> None:
    response = Client().post(reverse("language"), {"language": "xx", "next": "//evil.example"})
    assert response["Location"] != "//evil.example"
    assert not response.cookies


def test_a_bad_as_of_date_is_told_plainly(sign_in: SignIn) -> None:
    response = sign_in().get(reverse("findings"), {"as_of": "2026-13-40"})
    assert response.status_code == 400
    assert "应为 YYYY-MM-DD" in response.content.decode()

"""Fixtures of the pages. What they make is in web_making.py, imported when Django is ready."""
# ruff: noqa: PLC0415

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from web_making import SignIn, World

    from jingwei.accounts.models import User


@pytest.fixture(autouse=True)
def _fresh_wall() -> None:
    """The wall keeps its last picture for some seconds, the contract's pages keep what was
    judged; tests do not share either."""
    from jingwei.web import assessed, wallview

    wallview.forget()
    assessed.forget()


@pytest.fixture(autouse=True)
def _static_folder(settings: Any) -> None:
    """WhiteNoise warns where the folder of collected files is missing."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def make_user(db: None) -> "Callable[..., User]":
    """An account with a known password."""
    from web_making import PASSWORD

    from jingwei.accounts.models import User

    def make(role: str = "first_line", **more: Any) -> User:
        return User.objects.create_user(
            more.pop("username", f"u-{role}"), password=PASSWORD, role=role, **more
        )

    return make


@pytest.fixture
def sign_in(make_user: "Callable[..., User]") -> "SignIn":
    """A browser of somebody with that role."""
    from django.test import Client

    from jingwei.accounts.models import User

    def of(role: str = "first_line", **more: Any) -> Client:
        client = Client(enforce_csrf_checks=more.pop("csrf", False))
        user = User.objects.filter(username=f"u-{role}").first() or make_user(role, **more)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


@pytest.fixture
def world(db: None) -> "World":
    """Temperature is too high, a disk is about to fail, the rest is well; the IDS waits."""
    from web_making import make_world

    return make_world()

"""ldap: a real slapd with StartTLS, and directories that misbehave."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from probe_peers import (
    HOME,
    Authority,
    ask,
    babbles,
    closes,
    free_port,
    hangs,
    resets,
    tcp_peer,
    values,
)
from probe_servers import listens, needs, running

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.ldap import ldap_error, refusal
from jingwei.terms import Reason

ADMIN = {"user": "cn=admin,dc=jingan,dc=test", "password": "directory-secret"}
PEOPLE = "ou=people,dc=jingan,dc=test"
TREE = """dn: dc=jingan,dc=test
objectClass: domain
dc: jingan

dn: ou=people,dc=jingan,dc=test
objectClass: organizationalUnit
ou: people

""" + "\n\n".join(f"dn: uid=u{n},{PEOPLE}\nobjectClass: account\nuid: u{n}" for n in range(12))


@pytest.fixture(scope="module")
def slapd(public_folder: Path, authority: Authority) -> Iterator[int]:
    """slapd with twelve accounts, StartTLS, no anonymous login."""
    command, port = needs("slapd", "slapd"), free_port()
    adding = needs("slapadd", "slapd")
    home = public_folder / "ldap"
    (home / "data").mkdir(parents=True)
    pair = authority.issue("ldap", [HOME])
    for file in (pair.certificate, pair.key, authority.file):
        shutil.copy(file, home)
    conf = home / "slapd.conf"
    conf.write_text(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
        f"modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {home}/pid\n"
        f"TLSCACertificateFile {home}/ca.pem\nTLSCertificateFile {home}/ldap.pem\n"
        f"TLSCertificateKeyFile {home}/ldap.key\ndisallow bind_anon\nrequire authc\n"
        f"database mdb\nmaxsize 10485760\nsuffix dc=jingan,dc=test\nrootdn {ADMIN['user']}\n"
        f"rootpw {ADMIN['password']}\ndirectory {home}/data\n"
    )
    (home / "tree.ldif").write_text(TREE + "\n")
    subprocess.run(
        [adding, "-f", conf, "-l", home / "tree.ldif"], check=True, capture_output=True, timeout=30
    )
    with running([command, "-d", "0", "-f", conf, "-h", f"ldap://{HOME}:{port}"],
                 lambda: listens(port)):  # fmt: skip
        yield port


def test_a_real_directory_is_logged_in_to_and_counted_on_both_loops(slapd: int) -> None:
    asked = {"base": PEOPLE, "filter": "(objectClass=account)", "timeout": 8}

    async def main() -> None:
        seen = values(await ask("ldap", slapd, ADMIN, **asked))
        assert seen["ldap.entries"] == 12
        assert seen["ldap.more"] is False
        assert all(seen[f"ldap.{what}"] >= 0 for what in ("connect", "bind", "search"))
        few = values(await ask("ldap", slapd, ADMIN, most=5, **asked))
        assert (few["ldap.entries"], few["ldap.more"]) == (5, True)
        none = values(await ask("ldap", slapd, ADMIN, **{**asked, "filter": "(uid=nobody)"}))
        assert none["ldap.entries"] == 0

    asyncio.run(main())
    uvloop.run(main())


async def test_start_tls_is_used_and_its_certificate_checked(
    slapd: int, authority: Authority
) -> None:
    trusted = {"tls": "starttls", "ca_file": str(authority.file), "timeout": 8}
    assert "ldap.bind" in values(await ask("ldap", slapd, ADMIN, **trusted))
    stranger = await ask("ldap", slapd, ADMIN, tls="starttls", timeout=8)
    assert stranger.reason is Reason.PROTOCOL
    assert "证书不可信" in stranger.error
    careless = values(await ask("ldap", slapd, ADMIN, tls="starttls", verify=False, timeout=8))
    assert "ldap.search" not in careless
    missing = await ask("ldap", slapd, ADMIN, tls="starttls", ca_file="/none.pem", timeout=8)
    assert (missing.reason, "读不到证书文件" in missing.error) == (Reason.COLLECTOR, True)


@pytest.mark.parametrize(
    ("secrets", "given", "reason", "said"),
    [
        ({**ADMIN, "password": "wrong-one"}, {}, Reason.REFUSED, "用户或口令不对"),
        ({}, {}, Reason.REFUSED, "不允许匿名登录"),
        ({"user": ADMIN["user"]}, {}, Reason.COLLECTOR, "没有口令"),
        ({"user": "no name", "password": "x"}, {}, Reason.PROTOCOL, "写法不对"),
        (ADMIN, {"base": "ou=none,dc=jingan,dc=test"}, Reason.PROTOCOL, "没有查找起点"),
        (ADMIN, {"base": PEOPLE, "filter": "(uid=a" + "()"}, Reason.COLLECTOR, "查找条件"),
    ],
)
async def test_what_the_directory_refuses_is_told(
    slapd: int, secrets: dict[str, str], given: dict[str, Any], reason: Reason, said: str
) -> None:
    outcome = await ask("ldap", slapd, secrets, timeout=8, **given)
    assert (outcome.reason, said in outcome.error) == (reason, True), outcome
    assert "wrong-one" not in outcome.error


async def test_a_refusing_hanging_resetting_or_babbling_peer(closed_port: int) -> None:
    assert (await ask("ldap", closed_port, ADMIN)).reason is Reason.REFUSED
    for handler, reasons in (
        (hangs, {Reason.TIMEOUT}),
        (resets, {Reason.PROTOCOL}),
        (closes, {Reason.PROTOCOL}),
        (babbles, {Reason.PROTOCOL, Reason.TIMEOUT}),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("ldap", port, ADMIN, timeout=1)
        assert outcome.reason in reasons, outcome


@pytest.mark.parametrize(
    ("field", "given"),
    [("filter", {"filter": "uid=x"}), ("base", {"base": "people"}), ("scope", {"scope": "all"})],
)
def test_what_can_not_be_asked_is_refused_by_its_name(field: str, given: dict[str, str]) -> None:
    with pytest.raises(OptionError) as told:
        parse_options(find("ldap"), given)
    assert told.value.field == field


def test_result_codes_and_errors_in_words() -> None:
    assert refusal({"result": 13}).message == "目录服务要求加密"
    assert "（80 other）" in refusal({"result": 80, "description": "other"}).message
    assert ldap_error(OSError("connection refused")).reason is Reason.REFUSED
    assert ldap_error(OSError("socket timed out")).reason is Reason.TIMEOUT
    assert "TLS" in ldap_error(OSError("wrong ssl version")).message

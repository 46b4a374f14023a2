"""Applications, device consoles and certificates, by real HTTP and TLS clients."""

import json
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from region_process import Where

from jingwei.region import control
from jingwei.terms import Endpoint


def url(endpoint: Endpoint, path: str = "/") -> str:
    scheme = "http" if endpoint.protocol == "http" else "https"
    return f"{scheme}://{endpoint.address}:{endpoint.port}{path}"


def get(endpoint: Endpoint, path: str) -> httpx.Response:
    return httpx.get(url(endpoint, path), verify=False, trust_env=False)


def certificate(endpoint: Endpoint) -> x509.Certificate:
    text = ssl.get_server_certificate((endpoint.address, endpoint.port), timeout=5)
    return x509.load_pem_x509_certificate(text.encode())


def days_left(endpoint: Endpoint) -> int:
    return (certificate(endpoint).not_valid_after_utc - datetime.now(UTC)).days


def test_a_health_page_is_up_with_all_its_checks(where: Where) -> None:
    response = get(where("APP-05", "http"), "/health")
    document = response.json()
    assert (response.status_code, document["status"]) == (200, "UP")
    assert set(document["checks"].values()) == {"UP"}
    assert document["app"] == "APP-05"
    assert datetime.fromisoformat(document["time"]).utcoffset() is not None


def test_http_and_https_show_the_same_pages(where: Where) -> None:
    plain, secure = (
        get(where("APP-05", protocol), "/login").text for protocol in ("http", "https")
    )
    assert plain == secure
    assert '<form method="post" action="/login">' in plain


def test_a_failing_application_answers_500_and_its_login_still_works(
    where: Where, region: Path
) -> None:
    control.fault(region, "app-500", "APP-05")
    response = get(where("APP-05", "http"), "/health")
    assert (response.status_code, response.json()["status"]) == (500, "DOWN")
    assert get(where("APP-05", "http"), "/login").status_code == 200
    assert get(where("APP-06", "http"), "/health").status_code == 200
    control.heal(region, "app-500")
    assert get(where("APP-05", "http"), "/health").status_code == 200


def test_a_broken_login_has_no_form_and_health_stays_up(where: Where, region: Path) -> None:
    control.fault(region, "app-login-broken", "APP-05")
    response = get(where("APP-05", "http"), "/login")
    assert response.status_code == 500
    assert "<form" not in response.text
    assert get(where("APP-05", "http"), "/health").status_code == 200


def test_the_test_account_logs_in_and_nobody_else(where: Where) -> None:
    endpoint = where("APP-05", "http")
    with httpx.Client(base_url=url(endpoint, ""), trust_env=False) as client:
        assert client.get("/home").headers["location"] == "/login"
        wrong = client.post("/login", data={"username": "admin", "password": "123456"})
        assert wrong.status_code == 401
        assert "用户名或密码错误" in wrong.text
        secrets = endpoint.secrets
        form = {"username": secrets["user"], "password": secrets["password"]}
        right = client.post("/login", data=form)
        assert (right.status_code, right.headers["location"]) == (302, "/home")
        assert "测试账号已登录" in client.get("/home").text


@pytest.mark.parametrize(("path", "status"), [("/", 302), ("/no-such", 404)])
def test_other_pages(where: Where, path: str, status: int) -> None:
    assert get(where("APP-05", "http"), path).status_code == status


def test_other_methods_are_not_allowed(where: Where) -> None:
    endpoint = where("APP-05", "http")
    for path in ("/health", "/login"):
        assert httpx.delete(url(endpoint, path), trust_env=False).status_code == 405


def test_the_certificate_is_signed_by_the_district_and_names_host_and_address(where: Where) -> None:
    endpoint = where("APP-10", "https")
    context = ssl.create_default_context(cafile=str(endpoint.settings["ca_file"]))
    for name in (str(endpoint.settings["server_name"]), endpoint.address):
        with (
            socket.create_connection((endpoint.address, endpoint.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            assert secure.version() == "TLSv1.3"
    assert days_left(endpoint) == 300


def test_a_stranger_does_not_trust_the_district(where: Where) -> None:
    endpoint = where("APP-10", "https")
    with pytest.raises(httpx.ConnectError, match="certificate"):
        httpx.get(url(endpoint, "/health"), trust_env=False)


def test_a_certificate_that_expires_in_5_days_is_presented_at_once(
    where: Where, region: Path
) -> None:
    endpoint = where("APP-10", "https")
    control.fault(region, "certificate-5-days", "APP-10")
    assert days_left(endpoint) == 5
    assert days_left(where("APP-11", "https")) == 300
    assert get(endpoint, "/health").status_code == 200
    control.heal(region)
    assert days_left(endpoint) == 300


def test_a_device_console_has_a_certificate_of_its_own_making(where: Where) -> None:
    endpoint = where("HW-043-1", "https")
    found = certificate(endpoint)
    assert found.issuer == found.subject
    assert "WAF-HD300C" in get(endpoint, "/").text
    assert get(endpoint, "/no-such").status_code == 404
    assert httpx.post(url(endpoint, "/login"), verify=False, trust_env=False).status_code == 401


def test_a_firewall_answers_like_an_ssh_server_and_others_by_their_console(where: Where) -> None:
    endpoint = where("HW-025-1", "tcp")
    with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as connection:
        assert connection.recv(64).startswith(b"SSH-2.0-")
    assert where("HW-030-1", "tcp").port == where("HW-030-1", "https").port


def test_a_firewall_that_is_down_is_silent_to_everybody_until_healed(
    where: Where, region: Path
) -> None:
    endpoints = [where("HW-025-1", protocol) for protocol in ("tcp", "https")]
    control.fault(region, "firewall-down", "HW-025-1")
    for endpoint in endpoints:
        with pytest.raises(TimeoutError):
            socket.create_connection((endpoint.address, endpoint.port), timeout=0.5)
    control.heal(region)
    for endpoint in endpoints:
        socket.create_connection((endpoint.address, endpoint.port), timeout=5).close()


def raw(endpoint: Endpoint, request: bytes) -> bytes:
    """What the server says to these very octets."""
    with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/2.0\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nbroken\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", b"400"),
        (b"POST /login HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /login HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", b"413"),
        (b"POST /login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 20_000 + b"\r\n\r\n", b"431"),
    ],
)
def test_a_malformed_request_is_told_so(where: Where, request_: bytes, status: bytes) -> None:
    assert raw(where("APP-05", "http"), request_).startswith(b"HTTP/1.1 " + status)


def test_requests_follow_each_other_on_one_connection_and_head_has_no_body(where: Where) -> None:
    request = b"HEAD /health HTTP/1.1\r\n\r\nGET /health HTTP/1.1\r\nConnection: close\r\n\r\n"
    answer = raw(where("APP-05", "http"), request)
    first, second, body = answer.split(b"\r\n\r\n")
    assert b"keep-alive" in first
    assert b"Connection: close" in second
    assert json.loads(body)["status"] == "UP"


def test_an_old_client_gets_its_answer_and_the_end(where: Where) -> None:
    answer = raw(where("APP-05", "http"), b"GET /login HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"Connection: close" in answer

"""The laws every test lives under hold."""

import os
import socket
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from jingwei.accounts import queries

DOCUMENTATION_ADDRESS = "192.0.2.1"  # TEST-NET-1: nobody is there


def test_every_address_of_loopback_may_be_reached() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.1.2.3", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername()[0] == "127.1.2.3"


@pytest.mark.parametrize("address", ["10.0.0.1", "172.16.0.1", "192.168.1.1", "8.8.8.8"])
def test_no_other_address_can_be_connected_to(address: str) -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match="stay on loopback"):
        client.connect((address, 9))


def test_connect_ex_is_refused_too() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match="stay on loopback"):
        client.connect_ex((DOCUMENTATION_ADDRESS, 9))


def test_a_datagram_can_not_leave_either() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        with pytest.raises(RuntimeError, match="stay on loopback"):
            client.sendto(b"x", (DOCUMENTATION_ADDRESS, 9))
        with pytest.raises(RuntimeError, match="stay on loopback"):
            client.sendmsg([b"x"], [], 0, (DOCUMENTATION_ADDRESS, 9))


def test_other_threads_are_held_too() -> None:
    seen: list[str] = []

    def reach_out() -> None:
        with socket.socket() as client:
            try:
                client.connect((DOCUMENTATION_ADDRESS, 9))
            except RuntimeError as error:
                seen.append(str(error))

    thread = threading.Thread(target=reach_out)
    thread.start()
    thread.join(5)
    assert len(seen) == 1


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match="look-up"):
        socket.getaddrinfo("example.org", 80)


def test_localhost_is_looked_up() -> None:
    assert socket.getaddrinfo("localhost", 80)


def test_unix_sockets_are_free(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(FileNotFoundError):
        client.connect(str(tmp_path / "nobody"))


def test_the_data_folder_is_not_the_developers_own() -> None:
    assert Path(settings.JINGWEI_DATA) == Path(os.environ["JINGWEI_DATA"])
    assert Path(settings.JINGWEI_DATA).name.startswith("jingwei-test-")


@pytest.mark.django_db
def test_sqlite_is_tested_in_a_file_with_wal_as_it_runs() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


@pytest.mark.django_db(transaction=True)
def test_the_audit_guard_stands_in_a_transactional_test() -> None:
    assert queries.guarded()


@pytest.mark.django_db(transaction=True)
def test_and_again_in_the_next_one() -> None:
    assert queries.guarded()

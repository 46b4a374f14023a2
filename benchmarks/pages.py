"""How fast are the pages on a contract year of data, with eight people at work and checks running?

Runs the whole of it: an installation with the miniature region in a fresh folder, one daily check
and its report, a year of data (`year.py`), then `jingwei up` with its worker, and eight clients
which log in and open the pages in turn. Prints p50, p95 and the slowest of each page, and the
p95 over all against the goal of 200 ms.

    python benchmarks/pages.py [--data FOLDER] [--days 365] [--seconds 60] [--clients 8]
"""

import argparse
import html
import json
import math
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import httpx

HERE = Path(__file__).resolve().parent
GOAL_MS = 200


def main() -> int:
    """Exit code 0 when p95 over all pages reaches the goal and no page failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    data = options.data or Path(tempfile.mkdtemp(prefix="jingwei-bench-"))
    os.environ["JINGWEI_DATA"] = str(data)
    if not (data / "bench-password").exists():
        prepare(data, options.days)
    port = free_port()
    server = subprocess.Popen([*jingwei(), "up", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base)
        password = change_password(base, data / "bench-password")
        times, failures = load(base, password, options.clients, options.seconds)
    finally:
        server.terminate()
        server.wait(30)
    return report(times, failures)


def jingwei() -> list[str]:
    """This interpreter's own command line, so that no installed one is measured by mistake."""
    return [sys.executable, "-m", "jingwei.run"]


def prepare(data: Path, days: int) -> None:
    """A real installation, one daily check and report, and the year behind it."""
    run([*jingwei(), "region", "up", "--detach"])
    try:
        run([*jingwei(), "check", "run", "daily"])
    finally:
        run([*jingwei(), "region", "down"])
    today = time.strftime("%Y-%m-%d")
    run([*jingwei(), "report", "build", "daily", "--date", today, "--out", str(data / "out")])
    added = run([*jingwei(), "user", "add", "bench", "--role", "manager", "--json"])
    run([sys.executable, str(HERE / "year.py"), "--days", str(days)], show=True)
    (data / "bench-password").write_text(json.loads(added)["password"])


def run(command: list[str], *, show: bool = False) -> str:
    """One step; its output is shown when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or show:
        print(done.stdout[-2000:], done.stderr[-2000:])
    done.check_returncode()
    return done.stdout


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(base: str) -> None:
    """Until the login page answers."""
    for _ in range(300):
        try:
            if httpx.get(f"{base}/login/", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server did not start")


def login(base: str, password: str) -> httpx.Client:
    """A client that is logged in."""
    client = httpx.Client(base_url=base, timeout=30, follow_redirects=True)
    answer = submit(client, "/login/", {"username": "bench", "password": password})
    assert answer.url.path != "/login/", "the login failed"
    return client


def submit(client: httpx.Client, path: str, fields: dict[str, str]) -> httpx.Response:
    """A form sent as a browser sends it."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).text)
    assert token
    form = fields | {"csrfmiddlewaretoken": token[1]}
    return client.post(path, data=form, headers={"Referer": f"{client.base_url}{path}"})


def change_password(base: str, file: Path) -> str:
    """The first login must change the password; until then every page is that one."""
    password = file.read_text()
    if password.endswith("-changed"):
        return password
    new = f"{password}-changed"
    answer = submit(
        login(base, password), "/password/", {"old": password, "new": new, "again": new}
    )
    assert answer.url.path != "/password/", "the password was not changed"
    file.write_text(new)
    return new


def links(client: httpx.Client) -> dict[str, list[str]]:
    """The pages to open, by kind: the menu, and details found by following lists."""
    pages: dict[str, list[str]] = {}
    side = client.get("/").text.partition('id="menu"')[2].partition("</nav>")[0]
    menu = ["/", *re.findall(r'href="(/[^"#?]*)"', side)]
    for path in dict.fromkeys(menu):
        if not re.search(r"logout|static|export|import|api|wall|language", path):
            pages[path] = [path]
    for path in list(pages):
        found = re.findall(rf'href="({re.escape(path)}[A-Za-z0-9-]+/)"', client.get(path).text)
        if path != "/" and found:
            pages[f"{path}…"] = sorted(set(found))[:50]
    today = datetime.now().astimezone().date()
    pages["/?date=…"] = [f"/?date={today - timedelta(days=n)}" for n in range(1, 300, 7)]
    pages["/findings/?as_of=…"] = [
        f"/findings/?as_of={today - timedelta(days=n)}" for n in range(1, 300, 7)
    ]
    checks = pages["/checks/…"]
    for span in ("24h", "year"):
        pages[f"/checks/…?range={span}"] = [f"{path}?range={span}" for path in checks]
    pages["chart of 35 days"] = charts(client, checks[:12])
    assert all(client.get(paths[0]).url.path == path_of(paths[0]) for paths in pages.values())
    return pages


def charts(client: httpx.Client, checks: list[str]) -> list[str]:
    """The data behind the charts of some checks, over all that is kept."""
    found = [
        html.unescape(url)
        for path in checks
        for url in re.findall(r'data-chart="([^"]+)"', client.get(f"{path}?range=35d").text)
    ]
    assert found, "no page has a chart"
    return found


def path_of(url: str) -> str:
    """Without the query."""
    return url.partition("?")[0]


def load(
    base: str, password: str, clients: int, seconds: int
) -> tuple[dict[str, list[float]], list[str]]:
    """Milliseconds of every page opened, by kind, and what failed."""
    times: dict[str, list[float]] = defaultdict(list)
    failures: list[str] = []
    pages = links(login(base, password))
    until = time.monotonic() + seconds

    def work(seed: int) -> None:
        rng = random.Random(seed)
        client = login(base, password)
        while time.monotonic() < until:
            kind = rng.choice(list(pages))
            path = rng.choice(pages[kind])
            started = time.perf_counter()
            answer = client.get(path)
            times[kind].append((time.perf_counter() - started) * 1000)
            if answer.status_code != 200:
                failures.append(f"{answer.status_code} {path}")
            time.sleep(rng.uniform(0.2, 0.8))  # people look at a page before the next one

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, failures


def report(times: dict[str, list[float]], failures: list[str]) -> int:
    """A table, slowest page first, and the verdict."""
    print(f"{'page':40} {'n':>5} {'p50':>7} {'p95':>7} {'max':>7}  ms")
    for kind, values in sorted(times.items(), key=lambda item: -p95(item[1])):
        print(
            f"{kind:40} {len(values):5} {statistics.median(values):7.0f}"
            f" {p95(values):7.0f} {max(values):7.0f}"
        )
    everything = [value for values in times.values() for value in values]
    reached = p95(everything)
    print(f"p95 over {len(everything)} pages: {reached:.0f} ms, goal {GOAL_MS} ms", *failures[:5])
    return int(bool(failures) or reached > GOAL_MS)


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[max(0, math.ceil(len(values) * 0.95) - 1)]


if __name__ == "__main__":
    sys.exit(main())

"""Prometheus with its blackbox exporter, of Debian's packages, for HTTP only: its own strength."""

import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from engine import targets

_PORT, _BLACKBOX = 19_490, 19_515


class Prometheus:
    """Both processes; a rule on every result, as the others have a threshold."""

    name = "prometheus"

    def __init__(self, folder: Path, per: dict[str, int], every: int = 1) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        (folder / "blackbox.yml").write_text(
            "modules:\n  web:\n    prober: http\n    timeout: 3s\n"
            "    http: {valid_status_codes: [200], preferred_ip_protocol: ip4}\n"
        )
        (folder / "rules.yml").write_text(
            "groups:\n- name: w\n  interval: 1s\n  rules:\n"
            "  - {alert: Down, expr: probe_success == 0, for: 3s}\n"
        )
        wanted = [
            f"http://{address}:{targets.HTTP}/?{again}"
            for address in targets.ADDRESSES for again in range(per.get("http", 0))
        ]  # fmt: skip
        (folder / "targets.json").write_text(json.dumps([{"targets": wanted}]))
        (folder / "prometheus.yml").write_text(
            f"global: {{scrape_interval: {every}s, scrape_timeout: {every}s}}\n"
            f"rule_files: ['{folder}/rules.yml']\n"
            "scrape_configs:\n- job_name: web\n  metrics_path: /probe\n"
            "  params: {module: [web]}\n"
            f"  file_sd_configs: [{{files: ['{folder}/targets.json']}}]\n"
            "  relabel_configs:\n"
            "  - {source_labels: [__address__], target_label: __param_target}\n"
            "  - {source_labels: [__param_target], target_label: instance}\n"
            f"  - {{target_label: __address__, replacement: '127.0.0.1:{_BLACKBOX}'}}\n"
        )

    @staticmethod
    def lacking() -> str:
        """What is not installed."""
        wanted = ("prometheus", "prometheus-blackbox-exporter")
        absent = [name for name in wanted if shutil.which(name) is None]
        return f"{' and '.join(absent)} not installed" if absent else ""

    def start(self) -> None:
        """Begin to scrape."""
        folder = self._folder
        shutil.rmtree(folder / "data", ignore_errors=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._processes = [
            subprocess.Popen(
                ["prometheus-blackbox-exporter", f"--config.file={folder}/blackbox.yml",
                 f"--web.listen-address=127.0.0.1:{_BLACKBOX}"], **quiet,
            ),
            subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{_PORT}"], **quiet,
            ),
        ]  # fmt: skip

    def pids(self) -> list[int]:
        """Both."""
        return [process.pid for process in self._processes]

    def stored(self, since: float, until: float) -> dict[str, int]:
        """Samples of `probe_success` = 1 in the window."""
        length = int(until - since)
        query = urlencode({
            "query": f"sum(count_over_time((probe_success == 1)[{length}s:1s]))", "time": until,
        })  # fmt: skip
        counted = urlencode({
            "query": f"sum(count_over_time(probe_success[{length}s]))", "time": until,
        })  # fmt: skip
        del query
        with urllib.request.urlopen(
            f"http://127.0.0.1:{_PORT}/api/v1/query?{counted}", timeout=60
        ) as answer:
            found = json.load(answer)["data"]["result"]
        return {"http": int(float(found[0]["value"][1])) if found else 0}

    def stop(self) -> None:
        """End both."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self._processes = []
        time.sleep(0.5)

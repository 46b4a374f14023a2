"""Word files as PDF by LibreOffice, where it is installed: a client's template looks as it does
in Word only when an office draws it.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from jingwei.reports.errors import ReportError

PATIENCE = 120.0  # seconds; the first start of an installation takes ten


def installed() -> str:
    """The program, "" where there is none (Debian: libreoffice-writer)."""
    return shutil.which("soffice") or ""


def to_pdf(docx: bytes) -> bytes:
    """The PDF of a Word file. Raises ReportError when the office fails or takes too long."""
    with tempfile.TemporaryDirectory(prefix="jingwei-office-") as home:
        place = Path(home) / "report.docx"
        place.write_bytes(docx)
        command = [
            installed(), "--headless", "--norestore", f"-env:UserInstallation=file://{home}/profile",
            "--convert-to", "pdf", "--outdir", home, str(place),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
            return place.with_suffix(".pdf").read_bytes()
        except subprocess.TimeoutExpired as error:
            raise ReportError(f"LibreOffice {PATIENCE:.0f} 秒内没有转出 PDF") from error
        except (subprocess.CalledProcessError, OSError) as error:
            raise ReportError("LibreOffice 没有转出 PDF；请检查 soffice 能否运行") from error

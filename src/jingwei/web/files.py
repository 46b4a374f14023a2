"""A file below MEDIA_ROOT handed out: nothing in it may run, whatever it is."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse
from django.http.response import Http404, HttpResponseBase

SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp")


def serve(path: str, name: str, media_type: str) -> HttpResponseBase:
    """Pictures are shown, everything else is a download under its own name. Raises Http404."""
    place = Path(settings.MEDIA_ROOT) / path
    if not place.is_file():
        raise Http404("文件不在数据目录中，可能没有随备份恢复")
    response = FileResponse(
        place.open("rb"), filename=name, as_attachment=media_type not in SHOWN_INLINE,
        content_type=media_type,
    )  # fmt: skip
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response

"""Photos as evidence: the picture stays byte for byte, what else the camera wrote goes, pure.

A phone writes into every picture where it was taken, by which device with which serial number, and
sometimes a smaller picture of before it was cropped. None of it is evidence of an inspection (the
record's own time and place are), and all of it is data about a person: it is cut out, the picture
itself is not touched. The orientation is kept, or photos would lie on their side.
"""

import struct

_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
)
_WEBP_CUT = frozenset({b"EXIF", b"XMP "})


def without_metadata(data: bytes) -> bytes:
    """The same picture without what the camera says about itself, its place and its owner.

    Anything that is not a JPEG, PNG or WebP comes back as it is, and so does what cannot be read
    to its end: it is not ours to mend.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(_PNG):
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError, ValueError):
        return data
    return data


def _jpeg(data: bytes) -> bytes:
    """Segments up to the picture: APP1 to APP15 but ICC and Adobe, and comments, are cut."""
    kept = [data[:2]]
    place = 2
    while data[place] == 0xFF and data[place + 1] != 0xDA:
        marker = data[place + 1]
        (length,) = struct.unpack_from(">H", data, place + 2)
        if length < 2 or place + 2 + length > len(data):
            raise ValueError("a segment longer than the file")
        segment = data[place : place + 2 + length]
        body = segment[4:]
        if marker == 0xE1 and body.startswith(b"Exif\x00\x00"):
            kept.append(_oriented(_orientation(body[6:])))
        elif not _told(marker, body):
            kept.append(segment)
        place += 2 + length
    return b"".join([*kept, data[place:]])


def _told(marker: int, body: bytes) -> bool:
    """Whether a segment only tells something; colour profiles and Adobe's flag are needed."""
    if marker == 0xFE:
        return True
    needed = body.startswith((b"ICC_PROFILE", b"Adobe"))
    return 0xE1 <= marker <= 0xEF and not needed


def _orientation(exif: bytes) -> int:
    """How the picture has to be turned, 1 (not at all) to 8."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    (first,) = struct.unpack_from(order + "I", exif, 4)
    (count,) = struct.unpack_from(order + "H", exif, first)
    for number in range(min(count, 256)):
        tag, _, _, value = struct.unpack_from(order + "HHIH", exif, first + 2 + 12 * number)
        if tag == _ORIENTATION:
            return int(value) if 1 <= value <= 8 else 1
    return 1


def _oriented(turn: int) -> bytes:
    """An Exif segment that says how to turn the picture and nothing else; none when upright."""
    if turn == 1:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, turn, 0)
    tiff = b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> bytes:
    kept = [_PNG]
    place = len(_PNG)
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind = data[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(data):
            raise ValueError("a chunk longer than the file")
        if kind in _PNG_KEPT:
            kept.append(data[place:end])
        place = end
        if kind == b"IEND":
            break
    return b"".join(kept)


def _webp(data: bytes) -> bytes:
    kept = []
    place = 12
    while place + 8 <= len(data):
        kind = data[place : place + 4]
        (length,) = struct.unpack_from("<I", data, place + 4)
        end = place + 8 + length + (length & 1)
        if end > len(data):
            raise ValueError("a chunk longer than the file")
        if kind not in _WEBP_CUT:
            chunk = bytearray(data[place:end])
            if kind == b"VP8X":
                chunk[8] &= ~0x0C & 0xFF  # there is no Exif and no XMP any more
            kept.append(bytes(chunk))
        place = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body

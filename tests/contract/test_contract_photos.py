"""Photos lose what the camera says about place and owner; the picture stays as it is."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.contract.photos import without_metadata

SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00 compressed \xff\x00 picture \xff\xd9"
JFIF = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif(turn: int, order: str = "<") -> bytes:
    """An Exif segment with the turn, and a place after it."""
    head = b"II\x2a\x00" if order == "<" else b"MM\x00\x2a"
    entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, turn, 0)
    entries += struct.pack(order + "HHII", 0x8825, 4, 1, 99)
    body = head + struct.pack(order + "IH", 8, 2) + entries + struct.pack(order + "I", 0)
    return segment(0xE1, b"Exif\x00\x00" + body + b"GPS 31.2304N 121.4737E")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_the_place_goes_and_the_turn_stays(turn: int, order: str) -> None:
    photo = b"\xff\xd8" + JFIF + exif(turn, order) + SCAN
    made = without_metadata(photo)
    assert b"GPS" not in made
    assert made.endswith(SCAN)
    assert (b"Exif" in made) is (turn != 1)
    if turn != 1:
        assert struct.pack(">HHIHH", 0x0112, 3, 1, turn, 0) in made


def test_what_the_picture_needs_is_kept_and_the_rest_is_cut() -> None:
    colours = segment(0xE2, b"ICC_PROFILE\x00\x01\x01colours")
    adobe = segment(0xEE, b"Adobe\x00d\x00\x00\x00\x00\x01")
    told = segment(0xFE, b"made by me") + segment(0xED, b"Photoshop 3.0\x00a name")
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<owner/>")
    tables = segment(0xDB, b"\x00" * 65)
    made = without_metadata(b"\xff\xd8" + JFIF + colours + told + xmp + adobe + tables + SCAN)
    assert made == b"\xff\xd8" + JFIF + colours + adobe + tables + SCAN


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + b"crc!"


def test_a_png_keeps_its_picture_only() -> None:
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"x" * 13)
    told = chunk(b"tEXt", b"Author\x00me") + chunk(b"eXIf", b"II") + chunk(b"tIME", b"1234567")
    picture = chunk(b"IDAT", b"pixels") + chunk(b"IEND", b"")
    assert without_metadata(head + told + picture + b"after the end") == head + picture


def test_a_webp_keeps_its_picture_and_says_so() -> None:
    def part(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)

    wide = part(b"VP8X", b"\x0c" + b"\x00" * 9)
    body = b"WEBP" + wide + part(b"VP8 ", b"pixels") + part(b"EXIF", b"GPS") + part(b"XMP ", b"me!")
    made = without_metadata(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert b"GPS" not in made
    assert b"me!" not in made
    assert struct.unpack_from("<I", made, 4)[0] == len(made) - 8
    assert made[20] == 0  # neither Exif nor XMP any more


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 x", b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xff short",
        b"\xff\xd8\xff\xe0\x00\x00x", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT",
        b"RIFF\x00\x00\x00\x00WEBPVP8 \xff\xff\xff\xff",
    ],
)  # fmt: skip
def test_what_cannot_be_read_to_its_end_comes_back_as_it_is(data: bytes) -> None:
    assert without_metadata(data) == data


@given(st.binary(max_size=200), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"]))
def test_nothing_breaks_it_and_twice_is_once(tail: bytes, head: bytes) -> None:
    once = without_metadata(head + tail)
    assert without_metadata(once) == once

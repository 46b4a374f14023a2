"""Chinese fonts for the PDF: a serif for the text, a sans for headings, or a plain refusal.

A PDF in boxes is worse than none, so without a Chinese font `find` raises and says how to mend
it. Fonts come from the system (fontconfig's folders) and from `JINGWEI_FONTS`, a list of folders.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typst

# In order of preference: what Chinese offices print with, then what Linux distributions carry.
SERIF = (
    "FangSong", "FangSong_GB2312", "STFangsong", "仿宋", "仿宋_GB2312",
    "SimSun", "NSimSun", "STSong", "宋体", "FZShuSong-Z01",
    "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "思源宋体",
    "FandolSong", "AR PL UMing CN", "AR PL SungtiL GB",
)  # fmt: skip
SANS = (
    "SimHei", "STHeiti", "黑体", "FZHei-B01", "Microsoft YaHei", "PingFang SC",
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "思源黑体",
    "FandolHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
)  # fmt: skip
# ✕ and ◆ are in no common Chinese font; this one is embedded in typst itself.
SIGNS = "DejaVu Sans Mono"

HOW_TO = (
    "本机没有可用的中文字体，无法生成 PDF（不会输出方框代替汉字）。请任选其一：\n"
    "  1. Debian / Ubuntu：apt-get install fonts-noto-cjk；"
    "银河麒麟 / openEuler：dnf install google-noto-serif-cjk-sc-fonts "
    "google-noto-sans-cjk-sc-fonts\n"
    "  2. 把仿宋（或宋体）与黑体的 .ttf/.otf/.ttc 文件放进一个文件夹，"
    "并设环境变量 JINGWEI_FONTS=该文件夹（多个用 : 分隔）\n"
    "Word 文件（docx）不受影响，可先用 --format docx 生成。"
)


class FontsMissingError(Exception):
    """No Chinese font was found; the message tells an operator how to install one."""


@dataclass(frozen=True, slots=True)
class Faces:
    """The families to set the document in, and typst's handle on their files."""

    serif: str
    sans: str
    book: typst.Fonts


def find(folders: tuple[str, ...] | None = None, *, system: bool = True) -> Faces:
    """The best serif and sans there are; one stands in for the other when only one exists.

    `folders` defaults to JINGWEI_FONTS. Raises FontsMissingError.
    """
    if folders is None:
        given = os.environ.get("JINGWEI_FONTS", "")
        folders = tuple(folder for folder in given.split(os.pathsep) if folder)
    faces = _scan(folders, system)
    if faces is None:
        missing = [folder for folder in folders if not Path(folder).is_dir()]
        hint = f"\nJINGWEI_FONTS 中的文件夹不存在：{'、'.join(missing)}" if missing else ""
        raise FontsMissingError(HOW_TO + hint)
    return faces


@lru_cache(maxsize=4)
def _scan(folders: tuple[str, ...], system: bool) -> Faces | None:
    paths = [Path(folder) for folder in folders if Path(folder).is_dir()]
    book = typst.Fonts(include_system_fonts=system, font_paths=paths)
    there = {family.casefold(): family for family in book.families()}
    serif = _first(SERIF, there)
    sans = _first(SANS, there)
    if serif is None and sans is None:
        return None
    return Faces(serif=serif or sans or "", sans=sans or serif or "", book=book)


def _first(wanted: tuple[str, ...], there: dict[str, str]) -> str | None:
    return next((there[name.casefold()] for name in wanted if name.casefold() in there), None)

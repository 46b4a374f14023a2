"""Pinyin initials, so that 静安 is found by typing "ja". Stored in `pinyin` columns at write."""

from functools import lru_cache
from itertools import islice, product

_MOST_READINGS = 8  # 重庆 reads cq and zq; a long name of polyphones would read in thousands
_LENGTH = 200


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """The initials of a text, in lower case, other characters but letters and digits dropped.

    Polyphones give several spellings, separated by blanks: the likely one first.
    """
    from pypinyin import Style, pinyin  # noqa: PLC0415 - a large dictionary: load when needed

    likely = [_letters(part[0]) for part in pinyin(text, style=Style.FIRST_LETTER)]
    readings = [
        [_letters(one) for one in part]
        for part in pinyin(list(text), style=Style.FIRST_LETTER, heteronym=True)
    ]
    spellings = ["".join(likely)]
    for letters in islice(product(*readings), _MOST_READINGS):
        joined = "".join(letters)
        if joined not in spellings:
            spellings.append(joined)
    kept = spellings[0][:_LENGTH]
    for spelling in spellings[1:]:
        if len(kept) + 1 + len(spelling) > _LENGTH:
            break
        kept += f" {spelling}"
    return kept


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())

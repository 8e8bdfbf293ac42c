"""Text of other people's making, as it may stand in a message, a table or a terminal."""

import re
import unicodedata

# Control characters of every kind, line ends and separators, halves of surrogate pairs, and what turns the direction of
# the text around it: a terminal would obey them.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t\r\n\v\f]+")

LONGEST = 120
"""How many characters of a name or a reason are shown in a list."""


def printable(text: str, limit: int | None = None) -> str:
    """The text on one line, in which nothing can move a cursor, change colours or reverse what stands beside it.

    Blanks and line ends are one blank, other such characters are written as escapes. Beyond `limit` columns it ends in
    an ellipsis.
    """
    shown = _OBEYED.sub(_escaped, _BLANKS.sub(" ", text))
    return shown if limit is None else fitted(shown, limit)


def printable_block(text: str) -> str:
    """The text with its lines and tabs, else as `printable` has it."""
    return "\n".join(
        "\t".join(_OBEYED.sub(_escaped, part) for part in line.split("\t")) for line in re.split(r"\r\n|\r|\n", text)
    )


def visible(text: str) -> str:
    """The text with everything written out that would steer a terminal, turn the direction, or cannot be encoded."""
    return text if text.isprintable() else printable_block(text).replace("\t", " ")


def one_line(text: str, longest: int | None = LONGEST) -> str:
    """The text on one line; its middle is left out where it is longer than `longest`."""
    return shortened(visible(" ".join(text.split())), longest)


def shortened(line: str, longest: int | None) -> str:
    """The line; its middle is left out where it is longer than `longest`."""
    if longest is None or len(line) <= longest:
        return line
    half = longest // 2
    return f"{line[:half]} … {line[-half:]}"


def titled(article_id: str, title: str) -> str:
    """The id of an article, and its title where it has one, on one line."""
    shown = printable(title).strip()
    return f"{article_id} ({shown})" if shown else article_id


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: wide characters two, combining ones none."""
    return sum(_width(character) for character in text)


def fitted(text: str, width: int) -> str:
    """The text, cut to this many columns with an ellipsis at its end where it is longer."""
    if columns(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def padded(text: str, width: int) -> str:
    """The text with blanks up to this many columns, cut where it is longer."""
    shown = fitted(text, width)
    return shown + " " * (width - columns(shown))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"

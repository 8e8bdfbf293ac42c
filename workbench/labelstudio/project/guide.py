"""The annotation guide, one page made from the scheme alone, as annotators see it and as a file."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from workbench.core.frozen import Frozen
from workbench.core.kinds import kind_of
from workbench.core.scheme import Attribute, LabelScheme, Layer, Role

_MARKED = re.compile(r"\[([^\[\]]*)\]")


class Table(Frozen):
    """A table of the guide; the cells of `examples` show marked words in [brackets]."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    examples: int | None = None


class Section(Frozen):
    """A part of the guide; its text, a paragraph a line, shows marked words in [brackets]."""

    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()


def sections(scheme: LabelScheme) -> list[Section]:
    """What the guide says: a part for each layer, one for the roles, one for the whole text."""
    parts = [_layer(layer, scheme) for layer in scheme.layers]
    if scheme.roles:
        rows = tuple(_role(role, scheme) for role in scheme.roles)
        parts.append(
            Section(
                title="Roles",
                text="Draw the relation from the span that has the role to the span that plays it.",
                tables=(Table(head=("Role", "From", "To", "How many", "Meaning"), rows=rows),),
            )
        )
    if scheme.document_fields:
        tables = tuple(_values(field) for field in scheme.document_fields)
        parts.append(Section(title="The whole text", tables=tables))
    return parts


def to_html(scheme: LabelScheme, *, title: str = "Annotation guide") -> str:
    """The guide as the HTML that a project shows as its instruction."""
    lines = [f"<h2>{html.escape(title)}</h2>"]
    for section in sections(scheme):
        lines.append(f"<h3>{html.escape(section.title)}</h3>")
        if section.text:
            paragraphs = _paragraphs(section.text)
            lines += [f"<p>{_set_off(paragraph, html.escape, '<b>', '</b>')}</p>" for paragraph in paragraphs]
        for table in section.tables:
            head = "".join(f"<th>{html.escape(cell)}</th>" for cell in table.head)
            lines.append(f'<table cellpadding="4"><thead><tr>{head}</tr></thead><tbody>')
            for row in _marked(table, html.escape, "<b>", "</b>"):
                lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>")
            lines.append("</tbody></table>")
    return "\n".join(lines) + "\n"


def to_markdown(scheme: LabelScheme, *, title: str = "Annotation guide") -> str:
    """The guide as Markdown."""
    lines = [f"# {_escape_markdown(title)}", ""]
    for section in sections(scheme):
        lines += [f"## {_escape_markdown(section.title)}", ""]
        if section.text:
            for paragraph in _paragraphs(section.text):
                lines += [_set_off(paragraph, _escape_markdown, "**", "**"), ""]
        for table in section.tables:
            lines.append("| " + " | ".join(map(_escape_markdown, table.head)) + " |")
            lines.append("|" + " --- |" * len(table.head))
            lines += ["| " + " | ".join(row) + " |" for row in _marked(table, _escape_markdown, "**", "**")]
            lines.append("")
    return "\n".join(lines)


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _layer(layer: Layer, scheme: LabelScheme) -> Section:
    labels = Table(
        head=("Label", "What it marks", "Example"),
        rows=tuple((label.value, label.hint, label.example) for label in layer.labels),
        examples=2,
    )
    attributes = tuple(_values(attribute) for attribute in scheme.attributes_of(layer.name))
    return Section(title=layer.title or layer.name, text=layer.guide, tables=(labels, *attributes))


def _values(attribute: Attribute) -> Table:
    several = " (several may hold)" if attribute.multiple else ""
    return Table(
        head=(f"{attribute.name}{several}", "Meaning"),
        rows=kind_of(attribute).rows(attribute),
    )


def _role(role: Role, scheme: LabelScheme) -> tuple[str, ...]:
    return (
        role.name,
        _titles(role.from_layers, scheme),
        _titles(role.to_layers, scheme),
        _how_many(role),
        role.hint,
    )


def _titles(layers: Iterable[str], scheme: LabelScheme) -> str:
    return ", ".join(scheme.layer_by_name[name].title or name for name in layers)


def _how_many(role: Role) -> str:
    match (role.minimum, role.maximum):
        case (0, None):
            return "any number"
        case (least, None):
            return f"{least} or more"
        case (0, most):
            return f"{most} at the most"
        case (least, most) if least == most:
            return f"exactly {least}"
        case (least, most):
            return f"{least} to {most}"


def _marked(table: Table, escape: Callable[[str], str], before: str, after: str) -> Iterator[Sequence[str]]:
    """The rows, escaped; in the column of examples the words in brackets are set off."""
    for row in table.rows:
        cells: list[str] = []
        for column, cell in enumerate(row):
            cells.append(_set_off(cell, escape, before, after) if column == table.examples else escape(cell))
        yield cells


def _set_off(text: str, escape: Callable[[str], str], before: str, after: str) -> str:
    """The text, escaped, with the words in brackets between `before` and `after`."""
    parts = _MARKED.split(text)
    return "".join(f"{before}{escape(part)}{after}" if i % 2 else escape(part) for i, part in enumerate(parts))


def _escape_markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text).replace("\n", " ")

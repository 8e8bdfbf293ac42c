"""Files of annotated articles turned into files of another format, without a store."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench import files
from workbench.core.counted import counted
from workbench.core.ports import Format, FormatReport, Remark
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError, PartlyDone, WorkbenchError
from workbench.workflows.context import Context
from workbench.workflows.documents import Given, format_to_read, format_to_write, listings, readings


class ConvertReport(Report):
    """What was written to `target`; `left_out` documents are not annotated, `remarks` are about the others."""

    target: Path
    written: FormatReport
    left_out: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: tuple[Remark, ...] = ()

    def shown(self) -> Iterator[Shown]:
        yield f"{counted(self.written.articles, 'articles')}, {counted(self.written.spans, 'spans')}: {self.target}"
        yield from listings(self.left_out, self.remarks, self.refused)
        yield Listing("cases that the format does not hold as they are", self.written.problems)

    def failure(self) -> WorkbenchError | None:
        if not self.refused:
            return None
        return PartlyDone(
            f"{counted(len(self.refused), 'documents were refused')}; all others were written",
            hint="mend them, and convert again",
        )


def convert_file(
    context: Context,
    source: Path,
    target: Path,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    layers: Sequence[str] = (),
) -> ConvertReport:
    """What was written to `target`; see `convert`. Formats are told by the files' names where none are named."""
    reader = format_to_read(source, source_format, layers, option="--from")
    writer = format_to_write(target, target_format)
    return convert(source, target, reader, writer, context.scheme)


def convert(source: Path, target: Path, reader: Format, writer: Format, scheme: LabelScheme) -> ConvertReport:
    """What was written to `target`: a file, or a folder where the format writes several. It appears as a whole or not.

    Raises:
        DocumentError: nothing of the source can be taken; it names line and field. Or nothing in it is annotated.
        FormatError: a format cannot be read or written, or the target cannot.
    """
    given = Given()
    try:
        with files.gone_if_empty(target.parent), files.work_folder(target.parent) as work:
            found = (one for _, one in given.annotated(readings(reader, source, scheme)))
            report = writer.write(found, work, target.stem, scheme)
            if not report.articles:
                given.raise_for(source)
            if len(report.files) == 1:
                (work / report.files[0]).replace(target)
            else:
                shutil.move(work, target)
    except OSError as error:
        raise FormatError(
            f"{target} cannot be written: {error.strerror}", hint="make room, or name a file elsewhere"
        ) from error
    return ConvertReport(
        target=target,
        written=report,
        left_out=tuple(given.left_out),
        remarks=tuple(given.remarks),
        refused=tuple(given.refused),
    )

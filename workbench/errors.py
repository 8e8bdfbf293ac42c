"""Every failure that a user can meet.

An error carries facts as keyword attributes, says in one line what is wrong, and in `hint` what to do about it. What
is wrong with many things stands in `lists`: under a heading each thing and its reason.
`exit_code` is what a command that ends with it returns: 1 the user's to fix, 3 a service unreachable, 4 partly done.

Every message goes through `masked`, so that a URL can be quoted in one without its password.
"""

import re
from collections.abc import Mapping, Sequence

from workbench.printable import printable_block

MASK = "***"
_URL_PASSWORD = re.compile(r"(://[^\s/?#:@'\"]*:)(?!\d{1,5}(?:[/?#]))[^\s'\"]*@")
"""Up to the last @: a password may hold one, or a slash, that should have been written as %40 or %2F."""
_QUERY_SECRET = re.compile(r"(?i)([?&][^=&\s'\"]*(?:password|passwd|pwd|token|secret|api_?key)=)[^&\s'\"#]+")


def masked(text: str) -> str:
    """The text with three stars in the place of each password or token in a URL."""
    return _QUERY_SECRET.sub(rf"\g<1>{MASK}", _URL_PASSWORD.sub(rf"\g<1>{MASK}@", text))


class WorkbenchError(Exception):
    """Something went wrong that a user can understand and mend."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        lists: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        **facts: object,
    ) -> None:
        self.message = printable_block(masked(message))
        self.hint = printable_block(masked(hint))
        super().__init__(self.message)
        self.lists = dict(lists or {})
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class SettingsError(WorkbenchError):
    """workbench.toml, an environment variable or an option holds something that cannot be used."""


class SchemeError(WorkbenchError):
    """label_config.xml cannot be read as a label scheme."""


class AnnotationError(WorkbenchError):
    """An annotation does not fit its text or its scheme."""


class DocumentError(WorkbenchError):
    """A document that was read (JSON, JSONL, a format to import) is malformed."""


class ArticleError(WorkbenchError):
    """An article cannot be read, or is not in the store."""


class StoreError(WorkbenchError):
    """The store is unusable as it is: newer than this program, or damaged."""


class StoreUnavailable(StoreError):
    """The database does not answer, is locked, read-only or full. Trying again later may help."""

    exit_code = 3


class LabelStudioError(WorkbenchError):
    """Label Studio answered with a refusal."""


class LabelStudioUnavailable(LabelStudioError):
    """Label Studio does not answer. Trying again later may help."""

    exit_code = 3


class ModelError(WorkbenchError):
    """A pipeline cannot be found, loaded or trained."""


class ReleaseError(WorkbenchError):
    """A gold release cannot be built, is not there, or has been tampered with."""


class AgreementError(WorkbenchError):
    """Nothing has been annotated by two people independently, so that there is no agreement to measure."""


class FormatError(WorkbenchError):
    """A format is unknown, or cannot hold what it was given."""


class BackupError(WorkbenchError):
    """A backup cannot be written, is damaged, or would overwrite something."""


class PartlyDone(WorkbenchError):
    """A step did what it could; the report says what is left."""

    exit_code = 4

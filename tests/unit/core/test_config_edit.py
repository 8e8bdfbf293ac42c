"""What somebody changed in a project's label config, told from what the project was given."""

from dataclasses import dataclass

import pytest
from pushing import CONFIG

from workbench.core.config_edit import config_edit, same_config


@dataclass(frozen=True)
class Project:
    project_id: int = 7
    title: str = "News"
    config: str = CONFIG


def test_what_is_the_same_to_every_reader_is_no_edit() -> None:
    label = '<Label value="PERSON" hotkey="1" background="#1a4fd0"'
    assert label in CONFIG
    turned = CONFIG.replace(label, '<Label background="#1a4fd0"  hotkey=\'1\'\n value="PERSON"')
    for theirs in (CONFIG, CONFIG.strip(), turned, CONFIG.partition("-->")[2], None, "", 7):
        assert config_edit(Project(), theirs) is None
    style = "<View><Style>a {}b {{ color: red; }}</Style></View>"
    assert same_config(style.format("> "), style.format("&gt; "))


@pytest.mark.parametrize(
    ("before", "after", "changes", "takes_away"),
    [
        (
            'value="PERSON"',
            'value="HUMAN"',
            ("label PERSON of entities removed", "label HUMAN of entities added"),
            True,
        ),
        (
            '<Label value="PERSON"',
            '<Label value="HUMAN" was="PERSON"',
            ("label PERSON of entities renamed (PERSON → HUMAN)",),
            False,
        ),
        ('<Label value="GPE"', '<Label value="MOON"/><Label value="GPE"', ("label MOON of entities added",), False),
        ('background="#1a4fd0"', 'background="#000000"', (), False),
    ],
)
def test_an_edit_is_told_in_the_words_of_the_scheme(
    before: str, after: str, changes: tuple[str, ...], takes_away: bool
) -> None:
    edit = config_edit(Project(), CONFIG.replace(before, after))
    assert edit is not None
    assert (edit.changes, edit.takes_away) == (changes, takes_away)
    told = "; ".join(changes) or "its looks or hints"
    assert str(edit) == f"the label config of project 7 (News) was edited in Label Studio: {told}"


@pytest.mark.parametrize("theirs", ["<View>", "<View><Image name='i' value='$i'/></View>"])
def test_what_is_no_scheme_any_more_takes_everything_away(theirs: str) -> None:
    edit = config_edit(Project(), theirs)
    assert edit is not None
    assert edit.takes_away
    assert "it " in str(edit)


def test_of_many_changes_a_few_are_listed_and_the_rest_is_counted() -> None:
    more = "".join(f'<Label value="MOON{n}"/>' for n in range(9))
    edit = config_edit(Project(), CONFIG.replace('<Label value="GPE"', f'{more}<Label value="GPE"'))
    assert edit is not None
    assert len(edit.changes) == 9
    assert str(edit).endswith("; and 4 more")

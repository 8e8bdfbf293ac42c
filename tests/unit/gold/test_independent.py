"""Which annotations of an article count for agreement."""

from workbench.gold.independent import sort_out
from workbench.store.revisions import Revision

KINDS = {"p": "person", "r": "rules", "m": "adjudicated"}


def revision(
    name, when, *, annotator=None, state="submitted", set_id="p", parent="", copied=None, version=1, origin="l:1"
):
    return Revision.model_validate(
        {
            "id": when,
            "article_id": "a",
            "article_version": version,
            "annotator": annotator or name,
            "origin": origin,
            "external_id": name,
            "updated": f"2025-01-01T00:00:{when:02}",
            "created": "2025-01-01T00:00:00",
            "state": state,
            "set_id": set_id,
            "parent_set_id": parent or None,
            "parent_annotation": copied,
        }
    )


def independent(*revisions):
    found = sort_out(revisions, KINDS)
    return {
        version: sorted(one.external_id for one in people.values()) for version, people in found.independent.items()
    }


def reasons(*revisions):
    return {one.revision.external_id: (one.reason, one.detail) for one in sort_out(revisions, KINDS).left_out}


def test_what_people_submitted_last_counts_whatever_it_was_made_from():
    given = [revision("anna", 1, parent="r"), revision("ben", 2), revision("anna", 3, parent="r")]
    assert independent(*given) == {1: ["anna", "ben"]}
    assert reasons(*given) == {}


def test_skipped_and_deleted_ones_are_no_annotations():
    given = [revision("anna", 1), revision("ben", 2, state="skipped"), revision("anna", 3, state="deleted")]
    assert independent(*given) == {}
    assert sort_out(given, KINDS).skipped
    assert not sort_out([*given, revision("cem", 4)], KINDS).skipped
    assert not sort_out([revision("anna", 1, state="deleted")], KINDS).skipped


def test_a_copy_of_somebody_elses_does_not_count():
    given = [revision("anna", 1), revision("ben", 2, copied="anna"), revision("cem", 3, copied="99")]
    assert independent(*given) == {1: ["anna"]}
    assert reasons(*given) == {
        "ben": ("copied", "from annotation anna by anna"),
        "cem": ("copied", "from annotation 99, which is not in the store"),
    }


def test_a_copy_stays_one_when_its_parent_is_gone_on_the_server():
    assert independent(revision("anna", 1), revision("ben", 2, copied="anna"), revision("ben", 3)) == {1: ["anna"]}


def test_a_copy_of_ones_own_is_ones_own_unless_that_was_copied():
    own = [revision("1", 1, annotator="anna"), revision("2", 2, annotator="anna", copied="1"), revision("ben", 3)]
    assert independent(*own) == {1: ["2", "ben"]}
    assert reasons(*own)["1"][0] == "of the same person"
    through = [
        revision("ben", 1),
        revision("1", 2, annotator="anna", copied="ben"),
        revision("2", 3, annotator="anna", copied="1"),
    ]
    assert independent(*through) == {1: ["ben"]}
    round_about = [revision("1", 1, annotator="anna", copied="2"), revision("2", 2, annotator="anna", copied="1")]
    assert independent(*round_about) == {1: ["2"]}


def test_one_person_has_one_voice_be_it_imported():
    given = [revision("5", 1, annotator="anna"), revision("a anna", 2, annotator="anna", origin="import:f.jsonl")]
    assert independent(*given) == {1: ["a anna"]}
    assert reasons(*given) == {"5": ("of the same person", "who submitted again 2025-01-01T00:00:02")}


def test_versions_of_the_text_are_apart():
    assert independent(
        revision("anna", 1), revision("ben", 2, version=2), revision("7", 3, annotator="anna", version=2)
    ) == {
        1: ["anna"],
        2: ["7", "ben"],
    }


def test_what_comes_from_a_review_task_does_not_count():
    given = [
        revision("anna", 1),
        revision("ben", 2),
        revision("judge", 3, parent="m"),
        revision("chief", 4, set_id="m"),
    ]
    assert independent(*given) == {1: ["anna", "ben"]}
    assert {reason for reason, _ in reasons(*given).values()} == {"made in a review task"}


def test_what_was_changed_after_adjudication_does_not_count_and_what_is_new_does():
    late = revision("cem", 9).model_copy(update={"created": "2025-01-01T00:00:08"})
    given = [revision("anna", 1), revision("ben", 2), revision("judge", 3, set_id="m"), revision("ben", 5), late]
    assert independent(*given) == {1: ["anna", "cem"]}
    assert reasons(*given)["ben"] == ("edited after adjudication", "which was 2025-01-01T00:00:03")
    again = [*given[:3], revision("judge", 7, set_id="m"), revision("ben", 5)]
    assert reasons(*again)["ben"] == ("edited after adjudication", "which was 2025-01-01T00:00:03")


def test_what_was_changed_after_rules_settled_the_article_does_not_count_either():
    given = [revision("anna", 1), revision("ben", 5)]
    found = sort_out(given, KINDS, {1: "2025-01-01T00:00:03"})
    assert [(one.revision.annotator, one.reason) for one in found.left_out] == [("ben", "edited after adjudication")]
    other_version = sort_out(given, KINDS, {2: "2025-01-01T00:00:03"})
    assert other_version.left_out == []


def test_what_was_decided_in_a_review_task_is_listed_as_such():
    given = [revision("anna", 1), revision("ben", 2), revision("judge", 3, set_id="m", state="adjudicated")]
    assert independent(*given) == {1: ["anna", "ben"]}
    assert reasons(*given) == {"judge": ("made in a review task", "")}
    edited = [*given, revision("ben", 5)]
    assert reasons(*edited)["ben"] == ("edited after adjudication", "which was 2025-01-01T00:00:03")

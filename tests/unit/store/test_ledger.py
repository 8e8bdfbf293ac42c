"""The ledger of what was sent, many rows at a time, on SQLite and PostgreSQL alike."""

from annotation_sets import a_set

from workbench.core.article import Article
from workbench.store import Store, annotations, articles, prediction_ledger, projects, task_ledger


def project_with(store: Store, number: int) -> tuple[projects.Project, list[Article], list[str]]:
    """A project, articles, and the key of a set of each."""
    made = [Article.from_text(f"Story {n} is long enough for its spans.") for n in range(number)]
    with store.transaction() as session:
        for article in made:
            articles.add(session, article, raw=article.text)
        keys = [annotations.keep(session, article.id, 1, a_set()) for article in made]
        project = projects.add(session, server="s", project_id=1, title="t", scheme_digest="d", config="")
    return project, made, keys


def test_many_are_written_at_once(store: Store) -> None:
    project, made, keys = project_with(store, 900)
    with store.transaction() as session:
        intents = [
            task_ledger.TaskIntent(article_id=one.id, article_version=1, priority=n, blind=n % 2 == 0)
            for n, one in enumerate(made)
        ]
        tasks = task_ledger.intend_tasks(session, project.id, intents)
        assert task_ledger.intend_tasks(session, project.id, intents) == tasks
        rows = [tasks[one.id, 1].id for one in made]
        sent = prediction_ledger.intend_predictions(
            session,
            [
                prediction_ledger.PredictionIntent(task=row, set_id=key, model_version="m")
                for row, key in zip(rows, keys, strict=True)
            ],
        )
        task_ledger.settle_tasks(session, {row: 1000 + n for n, row in enumerate(rows)})
        prediction_ledger.settle_predictions(session, [one.id for one in sent], state="present", first_id=5000)
    with store.transaction() as session:
        present = task_ledger.tasks_called(session, project.id, range(1000, 1900))
        assert [present[1000 + n].article_id for n in range(900)] == [one.id for one in made]
        assert {task.state for task in present.values()} == {"present"}
        assert [present[1000 + n].priority for n in range(3)] == [0, 1, 2]
        assert task_ledger.blind_tasks(session, project.id) == {(one.id, 1) for one in made[::2]}
        known = prediction_ledger.predictions(session, project.id, task_ids=rows)
        found = {one.set_id: (one.task, one.prediction_id) for one in known}
        assert [found[key] for key in keys] == [(row, 5000 + n) for n, row in enumerate(rows)]
        assert task_ledger.tasks_of(session, project.id, [(made[0].id, 2)]) == {}
        assert set(annotations.get_sets(session, [*keys[:2], "none"])) == set(keys[:2])


def test_an_intent_can_be_renewed_until_the_task_is_there(store: Store) -> None:
    project, [article], _ = project_with(store, 1)
    with store.transaction() as session:
        task_ledger.intend_task(session, project.id, article.id, 1)
        renewed = task_ledger.TaskIntent(article_id=article.id, article_version=1, priority=3.0, blind=True)
        task = task_ledger.intend_tasks(session, project.id, [renewed], renew=True)[article.id, 1]
        assert (task.priority, task.blind) == (3.0, True)
        task_ledger.settle_tasks(session, {task.id: 9})
        again = task_ledger.TaskIntent(article_id=article.id, article_version=1)
        task = task_ledger.intend_tasks(session, project.id, [again], renew=True)[article.id, 1]
        assert (task.priority, task.blind, task.task_id) == (3.0, True, 9)


def test_the_task_of_an_older_version_is_superseded_once(store: Store) -> None:
    project, [article], _ = project_with(store, 1)
    with store.transaction() as session:
        old, new = (task_ledger.intend_task(session, project.id, article.id, version) for version in (1, 2))
        task_ledger.settle_tasks(session, {old.id: 1})
        assert task_ledger.supersede(session, project.id) == []
        task_ledger.settle_tasks(session, {new.id: 2})
        [found] = task_ledger.supersede(session, project.id)
        assert (found.id, found.state) == (old.id, "superseded")
        task_ledger.settle_task(session, old.id, state="superseded", priority=task_ledger.LOWEST)
        assert task_ledger.supersede(session, project.id) == []

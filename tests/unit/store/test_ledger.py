"""The ledger of what was sent, many rows at a time, on SQLite and PostgreSQL alike."""

from annotation_sets import a_set

from workbench.core.article import Article
from workbench.store import Store, annotations, articles, sync


def project_with(store: Store, number: int) -> tuple[sync.Project, list[Article], list[str]]:
    """A project, articles, and the key of a set of each."""
    made = [Article.from_text(f"Story {n} is long enough for its spans.") for n in range(number)]
    with store.transaction() as session:
        for article in made:
            articles.add(session, article, raw=article.text)
        keys = [annotations.keep(session, article.id, 1, a_set()) for article in made]
        project = sync.add_project(session, server="s", project_id=1, title="t", scheme_digest="d", config="")
    return project, made, keys


def test_many_are_written_at_once(store: Store) -> None:
    project, made, keys = project_with(store, 900)
    with store.transaction() as session:
        intents = [
            sync.TaskIntent(article_id=one.id, article_version=1, priority=n, blind=n % 2 == 0)
            for n, one in enumerate(made)
        ]
        tasks = sync.intend_tasks(session, project.id, intents)
        assert sync.intend_tasks(session, project.id, intents) == tasks
        rows = [tasks[one.id, 1].id for one in made]
        sent = sync.intend_predictions(
            session,
            [
                sync.PredictionIntent(task=row, set_id=key, model_version="m")
                for row, key in zip(rows, keys, strict=True)
            ],
        )
        sync.settle_tasks(session, {row: 1000 + n for n, row in enumerate(rows)})
        sync.settle_predictions(session, [one.id for one in sent], state="present", first_id=5000)
    with store.transaction() as session:
        present = sync.tasks_called(session, project.id, range(1000, 1900))
        assert [present[1000 + n].article_id for n in range(900)] == [one.id for one in made]
        assert {task.state for task in present.values()} == {"present"}
        assert [present[1000 + n].priority for n in range(3)] == [0, 1, 2]
        assert sync.blind_tasks(session, project.id) == {(one.id, 1) for one in made[::2]}
        known = sync.predictions(session, project.id, task_ids=rows)
        found = {one.set_id: (one.task, one.prediction_id) for one in known}
        assert [found[key] for key in keys] == [(row, 5000 + n) for n, row in enumerate(rows)]
        assert sync.tasks_of(session, project.id, [(made[0].id, 2)]) == {}
        assert set(annotations.get_sets(session, [*keys[:2], "none"])) == set(keys[:2])


def test_an_intent_can_be_renewed_until_the_task_is_there(store: Store) -> None:
    project, [article], _ = project_with(store, 1)
    with store.transaction() as session:
        sync.intend_task(session, project.id, article.id, 1)
        renewed = sync.TaskIntent(article_id=article.id, article_version=1, priority=3.0, blind=True)
        task = sync.intend_tasks(session, project.id, [renewed], renew=True)[article.id, 1]
        assert (task.priority, task.blind) == (3.0, True)
        sync.settle_tasks(session, {task.id: 9})
        again = sync.TaskIntent(article_id=article.id, article_version=1)
        task = sync.intend_tasks(session, project.id, [again], renew=True)[article.id, 1]
        assert (task.priority, task.blind, task.task_id) == (3.0, True, 9)


def test_the_task_of_an_older_version_is_superseded_once(store: Store) -> None:
    project, [article], _ = project_with(store, 1)
    with store.transaction() as session:
        old, new = (sync.intend_task(session, project.id, article.id, version) for version in (1, 2))
        sync.settle_tasks(session, {old.id: 1})
        assert sync.supersede(session, project.id) == []
        sync.settle_tasks(session, {new.id: 2})
        [found] = sync.supersede(session, project.id)
        assert (found.id, found.state) == (old.id, "superseded")
        sync.settle_task(session, old.id, state="superseded", priority=sync.LOWEST)
        assert sync.supersede(session, project.id) == []

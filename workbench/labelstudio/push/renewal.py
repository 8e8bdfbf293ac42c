"""Brings what tasks say of their articles, beside the text, up to what the store knows of them by now.

Stories grow together when articles are added, and a scheme may show more of an article than it did. The text is never
touched: what people marked counts its characters.
"""

from collections.abc import Mapping

from workbench.core.article import ArticleKey
from workbench.core.batches import shown_batches
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion.task import described, key_of
from workbench.labelstudio.project.tasks import Found, with_ids
from workbench.labelstudio.push.run import Run
from workbench.store import articles

CHUNK = 20


class Outdated:
    """Looks at tasks as they are found, and remembers those that say something else than the store."""

    def __init__(self, run: Run) -> None:
        self._run = run
        with run.store.reading() as session:
            self._headers = articles.headers(session)
        self._found: set[int] = set()

    def look(self, state: wire.TaskState) -> None:
        """Looks at one task."""
        if self._wanted(state["data"]):
            self._found.add(state["id"])

    def renew(self, tasks: Mapping[ArticleKey, Found]) -> None:
        """Writes anew what was found among these tasks, whoever has worked on them; a request for each."""
        wanted = [task.task_id for task in tasks.values() if task.task_id in self._found]
        client, project_id = self._run.client, self._run.project.project_id
        for chunk in shown_batches(self._run.progress, wanted, CHUNK, "bringing tasks up to date"):
            # Read again, so that a note or a priority of a moment ago stays.
            for task in client.tasks(project_id, where=with_ids(chunk), page_size=CHUNK + 1):
                differing = self._wanted(task["data"])
                if differing:
                    client.update_task(task["id"], {**task["data"], **differing})
                    self._run.statistics.renewed += 1

    def _wanted(self, data: Mapping[str, object]) -> dict[str, object]:
        """The fields in which a task's data differ from what the store knows; none of a task that is not ours."""
        key = key_of(data)
        header = self._headers.get(key) if key else None
        if header is None:
            return {}
        wanted = described(header, self._run.scheme)
        return {name: value for name, value in wanted.items() if data.get(name) != value}

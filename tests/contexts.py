"""A workspace's context made of parts that a test has: a store, a scheme, a client."""

from pathlib import Path

from workbench import settings
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.store import Store
from workbench.workflows.context import Context


class PartsContext(Context):
    """A context whose parts are these; a server that is not named does not run."""

    def __init__(
        self,
        folder: Path,
        *,
        store: Store | None = None,
        config: str | None = None,
        scheme: LabelScheme | None = None,
        client: LabelStudioClient | None = None,
        title: str = "",
        label_studio_url: str = "",
    ) -> None:
        folder.mkdir(exist_ok=True, parents=True)
        if not (folder / settings.FILE).exists():
            (folder / settings.FILE).write_text(f'[label_studio]\nproject = "{title}"\n' if title else "")
        if config is not None:
            (folder / "label_config.xml").write_text(config, encoding="utf-8")
        super().__init__(settings.load(folder, {}), label_studio_url=label_studio_url)
        self._client = client
        if store is not None:
            self.__dict__["store"] = store
        if scheme is not None:
            self.__dict__["scheme"] = scheme

    def label_studio(self) -> LabelStudioClient:
        return self._client if self._client is not None else super().label_studio()

    def label_studio_if_up(self) -> LabelStudioClient | None:
        return self._client if self._client is not None else super().label_studio_if_up()


def without_folder(scheme: LabelScheme) -> Context:
    """What needs no folder, under this scheme."""
    context = Context(None)
    context.__dict__["scheme"] = scheme
    return context

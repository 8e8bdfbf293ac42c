"""What an export for spaCy holds besides its documents: a config that trains as it stands, and a project.yml.

`spacy project run all` in the folder (or `weasel run all`) trains, evaluates on the test part, and packages.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.core.annotations import AnnotatedArticle
from workbench.core.parts import PARTS
from workbench.core.scheme import LabelScheme
from workbench.formats import RuleSetup
from workbench.pipeline.assemble import learnable_fields
from workbench.pipeline.release_config import release_config

CONFIG, PROJECT = "config.cfg", "project.yml"
OWN = "rules"
"""The folder with the user's own data files of the rules."""
GUIDE = """`spacy train` takes `config.cfg` as it stands, and `project.yml` holds the commands, in this folder:

```sh
python -m spacy train config.cfg --output training
python -m spacy evaluate training/model-best test.spacy
python -m spacy project run all    # both, and a package of the result
```

A part that is too large for one file is a folder with several, and the config and the project name it: `test` in the place
of `test.spacy`. Data files of a workspace's own for the rules lie in `rules`, where there are any, and the config names
them. The commands need the package `news-workbench`, whose components the config trains. Articles that a choice about the document
keeps out of training are in the files, and these components pass them over.
"""

_PROJECT = """title: Train a pipeline on this release
description: Trains the workbench's components on the frozen base pipeline, evaluates the best one, and packages it.
vars:
  name: news
  version: 0.1.0
  gpu_id: -1

workflows:
  all:
    - train
    - evaluate
    - package

commands:
  - name: debug
    help: Look the config and the documents over
    script:
      - python -m spacy debug data config.cfg
  - name: train
    help: Train, and keep the pipeline that is best on dev
    script:
      - python -m spacy train config.cfg --output training --gpu-id ${vars.gpu_id}
    deps:
      - config.cfg
      - manifest.json
      - train.spacy
      - dev.spacy
    outputs:
      - training/model-best
  - name: evaluate
    help: Measure the best pipeline on test
    script:
      - python -m spacy evaluate training/model-best test.spacy --output training/metrics.json
    deps:
      - training/model-best
      - test.spacy
    outputs:
      - training/metrics.json
  - name: package
    help: Make a Python package of the best pipeline
    script:
      - >-
        python -c "from pathlib import Path; Path('packages').mkdir(exist_ok=True)"
      - >-
        python -m spacy package training/model-best packages --name ${vars.name} --version ${vars.version}
        --build none --force
    deps:
      - training/model-best
    outputs_no_cache:
      - packages
"""
_MANIFEST = "      - manifest.json\n"


def write(train: Iterable[AnnotatedArticle], folder: Path, scheme: LabelScheme, rules: RuleSetup) -> tuple[str, ...]:
    """The names of the files that were written; `train` says what choices about the document can be learned.

    The files of the parts lie in the folder already: each is a DocBin, or a folder with several.
    """
    counted = 0

    def taken() -> Iterator[AnnotatedArticle]:
        nonlocal counted
        for one in train:
            counted += 1
            yield one

    fields = learnable_fields(taken(), scheme)
    parts = {part: part if (folder / part).is_dir() else f"{part}.spacy" for part in PARTS}
    own = {name: f"{OWN}/{name}" for name in rules.files}
    for name, text in rules.files.items():
        (folder / own[name]).parent.mkdir(parents=True, exist_ok=True)
        (folder / own[name]).write_text(text, encoding="utf-8", newline="")
    places = dict.fromkeys(name.partition("/")[0] for name in own)  # a folder of patterns is one place
    config = release_config(
        scheme,
        fields,
        articles=counted,
        train=parts["train"],
        dev=parts["dev"],
        base=rules.pipeline,
        rule_files={place.partition(".")[0]: f"{OWN}/{place}" for place in places},
    )
    (folder / CONFIG).write_text(config, encoding="utf-8", newline="\n")
    project = _PROJECT if not own else _PROJECT.replace(_MANIFEST, f"{_MANIFEST}      - {OWN}\n", 1)
    for part, name in parts.items():
        project = project.replace(f"{part}.spacy", name)
    (folder / PROJECT).write_text(project, encoding="utf-8", newline="\n")
    return CONFIG, PROJECT, *own.values()

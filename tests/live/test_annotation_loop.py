"""The whole annotation loop, by its commands, with label configs from other domains: no Python changes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.documents import SCHEMA, read_lines, to_json
from workbench.core.scheme import LabelScheme
from workbench.labelstudio import annotator_client
from workbench.labelstudio.server import accounts
from workbench.labelstudio.server.embedded import Server

DATA = Path(__file__).parents[1] / "data"

WARD_NOTES = [
    (
        "Seen on round {n}. Complains of nausea since Tuesday. Started on ondansetron 4 mg. We suspect gastritis.",
        "note",
    ),
    ("Known asthma, patient {n}. Salbutamol discontinued. Will be started on budesonide 200 mg for wheezing.", "note"),
    ("Patient {n} has fever. Ibuprofen 400 mg was stopped. Night team suspects influenza; start oseltamivir.", "note"),
    ("Form {n}: fever, nausea, wheezing.", "form"),
]
WARD_SPANS = {
    "nausea": ("SYMPTOM", {"course": ("acute",)}),
    "wheezing": ("SYMPTOM", {"course": ("chronic", "recurrent")}),
    "fever": ("SYMPTOM", {}),
    "asthma": ("DISEASE", {}),
    "gastritis": ("DISEASE", {}),
    "influenza": ("DISEASE", {}),
    "ondansetron": ("DRUG", {}),
    "Salbutamol": ("DRUG", {}),
    "budesonide": ("DRUG", {}),
    "Ibuprofen": ("DRUG", {}),
    "oseltamivir": ("DRUG", {}),
    "4 mg": ("DOSE", {}),
    "200 mg": ("DOSE", {}),
    "400 mg": ("DOSE", {}),
    "Started": ("START", {}),
    "be started": ("START", {"certainty": "planned"}),
    "start ": ("START", {"certainty": "planned"}),
    "discontinued": ("STOP", {}),
    "stopped": ("STOP", {}),
    "suspect ": ("SUSPECTS", {}),
    "suspects": ("SUSPECTS", {}),
}
WARD_ROLES = [
    ("Started", "substance", "ondansetron"),
    ("ondansetron", "amount", "4 mg"),
    ("discontinued", "substance", "Salbutamol"),
    ("be started", "substance", "budesonide"),
    ("be started", "against", "wheezing"),
    ("stopped", "substance", "Ibuprofen"),
    ("start ", "substance", "oseltamivir"),
    ("suspect ", "about", "gastritis"),
    ("suspects", "about", "influenza"),
]
LEASE_CLAUSES = [
    ("Clause {n}. The tenant pays 900 euros each month.", ""),
    ("Clause {n}. The landlord repairs the roof; the tenant may repair the door.", ""),
    ("Clause {n}. The tenant shall pay 50 euros to the landlord.", ""),
]
LEASE_SPANS = {
    "tenant": ("TENANT", {}),
    "landlord": ("LANDLORD", {}),
    "900 euros": ("SUM", {}),
    "50 euros": ("SUM", {}),
    "pays": ("PAYS", {}),
    "shall pay": ("PAYS", {"force": "must"}),
    "repairs": ("REPAIRS", {}),
    "may repair": ("REPAIRS", {"force": "may"}),
}
LEASE_ROLES = [
    ("pays", "who", "tenant"),
    ("pays", "what", "900 euros"),
    ("repairs", "who", "landlord"),
    ("shall pay", "who", "tenant"),
    ("shall pay", "what", "50 euros"),
    ("shall pay", "what", "landlord"),
]
DOMAINS = {
    "ward": (WARD_NOTES, WARD_SPANS, WARD_ROLES, "kind"),
    "lease": (LEASE_CLAUSES, LEASE_SPANS, LEASE_ROLES, ""),
}
COPIES = 8


def document(text: str, story: int) -> str:
    """An article as a document that says which story it is on: these texts are too alike to be told apart."""
    part = ("train", "train", "train", "dev", "test")[story % 5]
    article = Article.from_text(text, meta={"split": part}).model_copy(update={"story_group": f"story{story}"})
    return json.dumps({"schema": SCHEMA, "article": article.model_dump(mode="json")})


def gold_for(domain: str, article: Article, scheme: LabelScheme) -> AnnotationSet:
    """The words of the domain, wherever they stand in the article, with their roles."""
    _, words, roles, field = DOMAINS[domain]
    spans: dict[str, Span] = {}
    for word, (label, attributes) in words.items():
        at = article.text.find(word)
        if at >= 0:
            text = word.strip()
            spans[word] = Span(
                id=f"s{len(spans)}", label=label, start=at, end=at + len(text), text=text, attributes=attributes
            )
    for head, role, target in roles:
        if head in spans and target in spans:
            argument = Argument(role=role, target=spans[target].id)
            spans[head] = spans[head].model_copy(update={"arguments": (*spans[head].arguments, argument)})
    layers: dict[str, tuple[Span, ...]] = {
        layer.name: tuple(s for s in spans.values() if s.label in layer.label_values) for layer in scheme.layers
    }
    document = {field: "form"} if article.text.startswith("Form") else {}
    return scheme.normalise(
        AnnotationSet(
            producer=Producer(kind="person", name="t"), scheme_digest=scheme.digest, layers=layers, document=document
        )
    )


@pytest.mark.parametrize("domain", ["ward", "lease"])
def test_the_loop_with_a_config_from_another_domain(domain: str, embedded: Server, tmp_path: Path):
    config = (DATA / f"{domain}.xml").read_text(encoding="utf-8")
    scheme = LabelScheme.from_xml(config, name=f"{domain}.xml")
    texts, *_ = DOMAINS[domain]
    workspace = tmp_path / "ws"

    def workbench(*words: str, expect: int = 0) -> str:
        command = [sys.executable, "-m", "workbench", "--workspace", str(workspace), *words]
        client = embedded.client()
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LABEL_STUDIO_URL": client.url,
            "LABEL_STUDIO_API_KEY": getattr(embedded.owner(), "token", ""),
            "WORKBENCH_LABEL_STUDIO_PROJECT": f"annotation loop {domain}",
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    subprocess.run([sys.executable, "-m", "workbench", "init", str(workspace)], check=True, capture_output=True)
    (workspace / "label_config.xml").write_text(config, encoding="utf-8")
    pages = [
        document(text.format(n=f"{copy}{number}"), copy)
        for copy in range(COPIES)
        for number, (text, _) in enumerate(texts)
    ]
    (tmp_path / "pages.jsonl").write_text("\n".join(pages), encoding="utf-8")
    workbench("articles", "add", str(tmp_path / "pages.jsonl"))
    assert "note:" in workbench("preannotate"), "the rules say which layers they know nothing of"
    workbench("push", "--held-out")

    client = embedded.client()
    (project,) = client.find_projects(f"annotation loop {domain}")
    folder = embedded.folder
    accounts.add(client, folder, ("ada",))
    annotator = accounts.client_of(client, folder, "ada")
    submitted = 0
    while client_task := annotator_client.next_task(annotator, project["id"], scheme, shown=None):
        gold = gold_for(domain, Article.from_text(client_task.text), scheme)
        annotator_client.submit(annotator, client_task, gold, scheme, lead_time=10)
        submitted += 1
    assert submitted == len(pages)
    workbench("pull")
    assert "nothing is open" in workbench("pull", "--problems")

    workbench("gold", "release", "first")
    workbench("export", "first", "--format", "spacy,jsonl")
    exported = list((workspace / "exports/first/jsonl").glob("*.jsonl"))
    articles = [
        one
        for path in exported
        for one in read_lines(path.read_text(encoding="utf-8").split("\n"), scheme, name=path.name)
    ]
    assert len(articles) == len(pages)
    for one in articles:
        wanted = gold_for(domain, one.article, scheme)
        assert shape(one.annotations) == shape(wanted), one.article.text

    trained = workbench("train", "first")
    assert "first-1" in trained
    report = json.loads(workbench("evaluate", "first-1", "--part", "dev", "--json"))
    assert report
    annotated = workbench("annotate", "--from-jsonl", str(exported[0]), "--model", "first-1")
    suggestions = list(read_lines(annotated.splitlines(), scheme, name="annotate"))
    assert any(not one.annotations.is_empty for one in suggestions)
    assert all(one.annotations.scheme_digest == scheme.digest for one in suggestions)
    (tmp_path / "gold.jsonl").write_text("".join(f"{to_json(one)}\n" for one in articles), encoding="utf-8")
    scores = json.loads(
        workbench(
            "score",
            str(tmp_path / "gold.jsonl"),
            str(tmp_path / "gold.jsonl"),
            "--json",
            "--label-config",
            str(workspace / "label_config.xml"),
        )
    )
    assert {row["f1"] for row in scores["report"]["rows"]} == {1.0}
    client.delete_project(project["id"])


def shape(annotations: AnnotationSet) -> set[tuple[object, ...]]:
    """What a set says, whatever its ids."""
    by_id = annotations.by_id()
    return {
        (
            layer,
            span.label,
            span.offsets,
            tuple(sorted(span.attributes.items())),
            frozenset((argument.role, by_id[argument.target][1].offsets) for argument in span.arguments),
        )
        for layer, span in annotations.spans()
    } | {("document", *item) for item in annotations.document.items()}


def test_annotated_articles_are_what_they_should_be():
    """The gold of this test fits its own schemes."""
    for domain, (texts, *_) in DOMAINS.items():
        scheme = LabelScheme.from_xml((DATA / f"{domain}.xml").read_text(encoding="utf-8"))
        for text, _ in texts:
            article = Article.from_text(text)
            one = AnnotatedArticle(article=article, annotations=gold_for(domain, article, scheme))
            assert scheme.violations(one.annotations, article.text) == []

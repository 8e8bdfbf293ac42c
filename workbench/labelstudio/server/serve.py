# pyright: basic, reportMissingImports=false
# It runs in Label Studio's environment: Django and Label Studio are not installed where it is checked.
"""Runs Label Studio in its own environment: `python -I serve.py FOLDER HOST PORT`. Nothing of ours imports this.

`label-studio start` is not used, because it moves to the next port without a word when the one it was given is taken,
binds before anybody can check whether sign-up is closed, takes the first user's password from the command line or the
environment, and logs the address of every request, among them the invite link with its token.

Its working folder must not be the workbench's package: Label Studio's modules have top-level names such as `users`,
and a file of that name beside the script would be imported in their place. Hence `-I`.
"""

import argparse
import gc
import json
import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import Any

WAIT_SECONDS = 30
WEBHOOK_PATH = "/workbench-pull"
"""Where the listener of `pull --watch` is called; `labelstudio.pull` has the same."""


def main(folder: Path, host: str, port: int) -> None:
    """Makes the database and the owner if needed, then serves until it is told to end."""
    from label_studio import server as label_studio

    label_studio._setup_env()
    _let_writers_queue()
    label_studio._apply_database_migrations()
    from django.conf import settings

    if settings.DISABLE_SIGNUP_WITHOUT_LINK is not True:
        sys.exit("sign-up is open: refusing to serve")
    settings.INTERNAL_PORT = str(port)
    _make_owner(label_studio, json.loads((folder / "login.json").read_text(encoding="utf-8")))
    _list_without_contents()
    _let_it_call_us(os.environ["WORKBENCH_WEBHOOK_HOST"])
    _collect_garbage_less_often()
    _serve(host, port)


def _let_writers_queue() -> None:
    """Lets whoever writes wait for whoever writes already, where the database is SQLite.

    Otherwise a transaction that begins with reading fails at once when another one writes meanwhile. Label Studio then
    does the whole request again: annotators wait for seconds, what was done before the failure is done twice, and an
    import loses its predictions, because the first attempt has taken them out of the tasks.
    """
    from django.db import connections

    database = connections.databases["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = {**database.get("OPTIONS", {}), "transaction_mode": "IMMEDIATE", "timeout": WAIT_SECONDS}


def _list_without_contents() -> None:
    """Lets a list of tasks that shows no predictions or annotations not read them from the database.

    It does by default, and decodes their JSON: two thirds of what a list costs.
    """
    from data_manager.api import TaskListAPI

    read_all, answer = TaskListAPI.prefetch, TaskListAPI.get

    def read_tasks(queryset: Any) -> Any:
        everything = read_all(queryset)._prefetch_related_lookups
        return queryset.prefetch_related(
            *(one for one in everything if not one.startswith(("annotations", "predictions")))
        )

    def get(view: Any, request: Any) -> Any:
        if request.GET.get("fields") != "all":
            view.prefetch = read_tasks
        return answer(view, request)

    TaskListAPI.get = get


def _let_it_call_us(host: str) -> None:
    """Lets webhooks, and nothing else, through to one path of one host of its own network: where `pull --watch` listens.

    Its own settings know networks only: with one opened, every program on this machine could be called through it, and
    an import would show what that answers. The whole address is compared, since two programs may read a part of one
    differently, and no redirect is followed.
    """
    from webhooks import serializers, utils

    ours = re.compile(rf"http://{re.escape(host)}:[0-9]{{1,5}}{re.escape(WEBHOOK_PATH)}")
    check, call = serializers.validate_url_for_ssrf, utils.ssrf_safe_post

    def checked(url: str, **options: Any) -> Any:
        return None if ours.fullmatch(url) else check(url, **options)

    def called(url: str, **options: Any) -> Any:
        if ours.fullmatch(url):
            options |= {"block_local_urls": False, "allow_redirects": False}
        return call(url, **options)

    serializers.validate_url_for_ssrf = checked
    utils.ssrf_safe_post = called


def _collect_garbage_less_often() -> None:
    """Leaves what has been loaded by now alone, and looks at the rest less often.

    Imports make millions of small objects, and by default Python looks for unreachable ones after every 700 new ones:
    that takes a good part of the time of a bulk import of predictions.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def _make_owner(label_studio: Any, login: dict[str, str]) -> None:
    from rest_framework.authtoken.models import Token
    from users.models import User

    known = User.objects.filter(email=login["email"]).first()
    if known is None or known.active_organization is None:
        arguments = argparse.Namespace(
            username=login["email"],
            password=login["password"],
            user_token="",
            quiet_mode=True,
            enable_legacy_api_token=True,
        )
        known = label_studio._create_user(arguments, {})
    # Also after a first start that died between the two.
    Token.objects.filter(user=known).exclude(key=login["token"]).update(key=login["token"])


def _without_forged_requests(application: Any, trusted: list[str]) -> Any:
    """The application, which takes nothing that a page of another site, or of another port, makes a browser send.

    Label Studio checks no token against forged requests on its API. It relies on the browser, which sends its cookie to
    all ports of a host alike.
    """

    def guarded(environ: dict[str, Any], start_response: Any) -> Any:
        origin = environ.get("HTTP_ORIGIN")
        own = f"//{environ.get('HTTP_HOST', '')}"
        if (
            origin is None
            or environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
            or origin in trusted
            or origin in (f"http:{own}", f"https:{own}")
        ):
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"a page of another site sent this request"]

    return guarded


def _serve(host: str, port: int) -> None:
    from django.conf import settings
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        # Else an answer's body waits until the client has acknowledged its head: some 40 ms for every request.
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: an address can hold a token."""

    class Server(ThreadedWSGIServer):
        request_queue_size = 128

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    server = Server(address[4][:2], Quiet, ipv6=address[0] == socket.AF_INET6)
    server.set_app(_without_forged_requests(get_wsgi_application(), settings.CSRF_TRUSTED_ORIGINS))
    server.serve_forever()


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

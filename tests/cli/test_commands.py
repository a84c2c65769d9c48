"""The command line: help, every command once, exit codes, both languages, JSON for programs."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from dougong.cli.console import DONE, REFUSED, WRONG_USE, Console
from dougong.cli.main import GROUPS, run
from dougong.foundation.settings import Settings

NAMES = [entry.name for _, entries in GROUPS for entry in entries]


@pytest.fixture
def dougong(tmp_path, monkeypatch, shared_cache):
    """Run a command on a data folder of its own; returns (exit code, output, complaints)."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments, language="en"):
        out, err = io.StringIO(), io.StringIO()
        settings = Settings(data=tmp_path / "data", cache=shared_cache)
        console = Console(settings, language, out=out, err=err)
        code = run([str(argument) for argument in arguments], console)
        return code, out.getvalue(), err.getvalue()

    return command


@pytest.fixture
def answer(dougong):
    """Run a command with --json and return what it answers."""

    def command(*arguments):
        code, out, err = dougong(*arguments, "--json")
        assert code == DONE, out + err
        return json.loads(out)

    return command


def test_the_help_names_every_command_in_both_languages(dougong):
    for language in ("zh", "en"):
        code, out, _ = dougong("--help", language=language)
        assert code == DONE
        assert all(f"  {name} " in out for name in NAMES)
    assert dougong("--lang", "zh", "--help")[1].startswith("dougong：")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_its_own_help(dougong, capsys, name):
    for language in ("zh", "en"):
        assert dougong(name, "--help", language=language)[0] == DONE
        assert f"dougong {name}" in capsys.readouterr().out


def test_a_wrong_command_is_met_with_the_nearest(dougong):
    code, _, err = dougong("chekc")
    assert code == WRONG_USE
    assert "check" in err
    assert dougong()[0] == WRONG_USE


def test_wrong_arguments_are_wrong_use(dougong, capsys):
    assert dougong("apply")[0] == WRONG_USE
    assert "dougong apply --help" in capsys.readouterr().err


def test_a_new_module_passes_its_own_check_and_tests(dougong, tmp_path):
    assert dougong("new", "module", "asset")[0] == DONE
    assert dougong("check", "modules/asset")[0] == DONE
    assert dougong("fmt", "--check", "modules/asset")[0] == DONE
    code, out, err = dougong("test", "modules/asset")
    assert code == DONE, out + err
    assert dougong("new", "entity", "asset.machine")[0] == DONE
    assert dougong("check", "modules")[0] == DONE
    assert dougong("new", "module", "asset")[0] == REFUSED
    assert dougong("new", "module", "Asset")[0] == REFUSED
    assert dougong("new", "entity", "nowhere.machine")[0] == REFUSED


def test_check_tells_file_line_and_column(dougong, tmp_path):
    dougong("new", "module", "asset")
    file = tmp_path / "modules/asset/entities/thing.yaml"
    file.write_text(file.read_text().replace("type: text", "type: txet"))
    code, _, err = dougong("check", "modules")
    assert code == REFUSED
    assert "modules/asset/entities/thing.yaml:7:16" in err
    code, out, _ = dougong("check", "modules", "--json")
    assert code == REFUSED
    assert json.loads(out)["problems"][0]["line"] == 7


def test_a_check_is_quick(dougong):
    dougong("new", "module", "asset")
    dougong("check", "modules")
    began = time.perf_counter()
    assert dougong("check", "modules")[0] == DONE
    assert time.perf_counter() - began < 1


def test_every_problem_can_be_explained(dougong):
    code, out, _ = dougong("explain", "--json")
    assert code == DONE
    kinds = json.loads(out)
    assert len(kinds) > 100
    for kind in kinds:
        for language in ("zh", "en"):
            code, out, _ = dougong("explain", kind["code"], language=language)
            assert code == DONE
            assert kind["code"] in out
    assert dougong("explain", "no.such-code")[0] == REFUSED


def test_fmt_brings_files_into_form(dougong, tmp_path):
    dougong("new", "module", "asset")
    file = tmp_path / "modules/asset/entities/thing.yaml"
    good = file.read_text()
    file.write_text(good.replace("key: [code]", "key:    [ code ]"))
    assert dougong("fmt", "--check", "modules")[0] == REFUSED
    assert dougong("fmt", "modules")[0] == DONE
    assert file.read_text() == good


def test_show_tells_the_layers(dougong):
    code, out, _ = dougong("show", "sales.order", "--layers")
    assert code == DONE
    assert "fields.customer.to" in out
    assert "module sales" in out
    assert "platform base" in out
    assert dougong("show", "sales.odrer")[0] == REFUSED


def test_the_life_of_a_tenant(dougong, answer, tmp_path):
    made = answer(
        "tenant", "create", "acme", "--module", "sales", "--label", "Acme", "--language", "en"
    )
    assert made["tenant"] == "acme"
    assert len(made["password"]) > 15
    assert [each["name"] for each in answer("tenant", "list")] == ["acme"]
    assert "sales" in answer("module", "list", "acme")["modules"]

    added = answer("user", "add", "acme", "eve", "--name", "Eve", "--role", "sales.clerk")
    assert added["login"] == "eve"
    assert dougong("user", "add", "acme", "eve")[0] == REFUSED
    assert dougong("user", "add", "acme", "bob", "--role", "sales.clrek")[0] == REFUSED
    assert answer("user", "password", "acme", "eve")["password"] != added["password"]
    assert {"eve", "admin"} == {each["login"] for each in answer("user", "list", "acme")}

    assert answer("token", "add", "acme", "eve", "robot")["token"].startswith("dgt_")
    assert [each["name"] for each in answer("token", "list", "acme", "eve")] == ["robot"]
    assert answer("token", "revoke", "acme", "eve", "robot") == {"revoked": "robot"}

    assert answer("why", "acme", "eve", "create", "sales.order")["allowed"] is True
    assert answer("why", "acme", "eve", "approve", "sales.order")["allowed"] is False
    assert dougong("why", "acme", "nobody", "read", "sales.order")[0] == REFUSED
    assert dougong("why", "acme", "eve", "read", "sales.order/x")[0] == REFUSED

    answer("tenant", "copy", "acme", "twin")
    file = tmp_path / "acme.dougong"
    assert answer("tenant", "export", "acme", file)["rows"] > 10
    answer("tenant", "import", file, "again")
    assert dougong("tenant", "import", __file__, "bad")[0] == REFUSED
    assert [each["name"] for each in answer("tenant", "list")] == ["acme", "again", "twin"]
    assert answer("verify", "again") == {"problems": []}
    answer("tenant", "remove", "twin", "--yes")
    assert dougong("tenant", "remove", "twin", "--yes")[0] == REFUSED
    assert dougong("verify", "twin")[0] == REFUSED


def test_a_change_is_planned_read_applied_and_taken_back(dougong, answer, tmp_path):
    answer("tenant", "create", "acme", "--module", "sales", "--language", "en")
    folder = tmp_path / "acme"
    answer("pull", "acme", folder)
    changes = folder / "changes/sales.order.yaml"
    changes.parent.mkdir(parents=True)
    changes.write_text(
        "extend: sales.order\nchecked: sales 1.0.0\nfields:\n"
        "  x__note: {type: text, label: {zh: 注, en: Note}, length: 20}\n"
    )
    assert answer("push", "acme", folder)["changed"] == ["changes/sales.order.yaml"]
    plan = tmp_path / "plan.json"
    steps = answer("plan", "acme", "-o", plan)["steps"]
    assert any("x__note" in step["say"] for step in steps)
    assert dougong("apply", "acme", plan)[0] == WRONG_USE
    assert answer("apply", "acme", plan, "--why", "we need notes")["journal"] > 0
    assert answer("plan", "acme")["steps"] == []
    assert dougong("apply", "acme", plan, "--why", "again")[0] == REFUSED
    assert dougong("apply", "acme", __file__, "--why", "no plan")[0] == REFUSED
    answer("rollback", "acme", "--why", "no notes after all", "--consent")
    answer("pull", "acme", folder)
    assert not changes.exists()


def test_a_push_with_mistakes_changes_nothing(dougong, answer, tmp_path):
    answer("tenant", "create", "acme", "--module", "sales", "--language", "en")
    folder = tmp_path / "acme"
    (folder / "changes").mkdir(parents=True)
    (folder / "changes/sales.order.yaml").write_text("extend: sales.order\nfield: {}\n")
    code, _, err = dougong("push", "acme", folder)
    assert code == REFUSED
    assert "changes/sales.order.yaml:2" in err
    assert answer("plan", "acme")["files"] == {"added": [], "changed": [], "removed": []}


def test_a_tenant_can_begin_with_a_folder_of_its_own(dougong, answer):
    from pathlib import Path

    story = Path(__file__).parents[1] / "stories" / "adventureworks"
    answer("tenant", "create", "adventureworks", "--folder", story)
    assert answer("tenant", "list")[0]["language"] == "en"
    assert {"master_data", "sales"} <= set(answer("module", "list", "adventureworks")["modules"])


@pytest.mark.slow
def test_the_demo_runs_twice_on_one_folder_and_ends_cleanly(tmp_path):
    told = [_demo(tmp_path) for _ in range(2)]
    assert told[0]["tenants"] == told[1]["tenants"]
    tenants = list(told[0]["tenants"].values())
    assert len(tenants) == 2
    assert all("admin" in tenant["users"] for tenant in tenants)
    assert {"clerk", "manager", "trainee"} <= set(tenants[0]["users"])
    passwords = [password for tenant in tenants for password in tenant["users"].values()]
    assert len(set(passwords)) == len(passwords)


def _demo(folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "dougong", "demo", "--port", "0", "--data", folder / "data", "--json", "--no-open"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    try:
        told = json.loads(process.stdout.readline())
        with urllib.request.urlopen(f"{told['url']}/healthz", timeout=20) as response:
            assert response.status == 200
        name, tenant = next(iter(told["tenants"].items()))
        request = urllib.request.Request(
            f"{told['url']}/t/{name}/api/session",
            headers={"Authorization": f"Bearer {tenant['token']}"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            assert json.load(response)["login"] == "admin"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
    return told

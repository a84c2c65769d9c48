"""The login of a PostgreSQL database: whoever starts dougong is told when it could read too much."""

import io
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from dougong.cli.console import DONE, Console
from dougong.cli.main import run
from dougong.database import provision
from dougong.database.connect import open_postgres


def test_a_superuser_as_login_is_warned_of(postgres_database, postgres_admin_url):
    plain = postgres_database.settings.database_url
    database = urlsplit(plain).path
    admin = urlunsplit(urlsplit(postgres_admin_url)._replace(path=database))
    told = {}

    def command(url, language, *arguments):
        out, err = io.StringIO(), io.StringIO()
        settings = replace(postgres_database.settings, database_url=url)
        code = run([*arguments, "--json"], Console(settings, language, out=out, err=err))
        assert code == DONE, out.getvalue() + err.getvalue()
        return err.getvalue()

    for url, language in ((plain, "zh"), (plain, "en"), (admin, "zh"), (admin, "en")):
        told[url, language] = command(url, language, "tenant", "create", "acme")
        door = open_postgres(url)
        found = door.run(
            "select reloptions from pg_class where relname like 'dougong_search%words%'"
            f" and relnamespace = '{provision.schema_of('acme')}'::regnamespace"
        )
        door.close()
        assert found == [(["fastupdate=off"],)]
        command(url, language, "tenant", "remove", "acme", "--yes")
    assert [bool(each) for each in told.values()] == [False, False, True, True]
    assert "超级用户" in told[admin, "zh"]
    assert "noinherit" in told[admin, "en"]

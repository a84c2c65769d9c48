"""dougong user, token, why: people, what they hold, and what follows from it."""

import re
from argparse import ArgumentParser, Namespace
from datetime import timedelta
from getpass import getpass

from dougong.access.why import why
from dougong.cli.console import DONE, Command, Console, sub_command
from dougong.cli.open import opened_registry, whoever
from dougong.cli.problems import BAD_DAYS, BAD_RECORD
from dougong.foundation.errors import refuse
from dougong.foundation.translate import Label
from dougong.records.work import Work
from dougong.tenants import sign_in, tokens
from dougong.tenants.opened import Opened
from dougong.tenants.people import find_login
from dougong.tenants.problems import UNKNOWN_USER
from dougong.tenants.setup import setup_context
from dougong.tenants.users import add_user, list_users, password_and_hash

MOST_DAYS = 3_660
"""Days a token made here may last."""
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def _user_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|password|list")
    add = sub_command(verbs, "add", text("添加用户", "Add a user"), console)
    _who(add, console)
    add.add_argument("--name", help=text("姓名（默认同登录名）", "her name (default: the login)"))
    add.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="ROLE",
        help=text("角色，可多次", "a role; may be repeated"),
    )
    add.add_argument(
        "--password-prompt",
        action="store_true",
        help=text("输入密码，而不是随机生成", "ask for the password instead of making one"),
    )
    password = sub_command(
        verbs,
        "password",
        text("重设密码，结束其全部会话", "Set a new password and end all sessions"),
        console,
    )
    _who(password, console)
    password.add_argument(
        "--password-prompt",
        action="store_true",
        help=text("输入密码，而不是随机生成", "ask for the password instead of making one"),
    )
    listed = sub_command(verbs, "list", text("列出用户", "List the users"), console)
    listed.add_argument("tenant", help=text("租户", "the tenant"))


def _who(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument("login", help=text("登录名", "the login"))


def _user(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        if options.verb == "list":
            return _list_users(opened, console)
        given = _asked(console) if options.password_prompt else None
        if options.verb == "add":
            password = _add(opened, options, console, given)
        else:
            password = _set_password(opened, options.login, console, given)
    console.answer({"login": options.login, "password": None if given else password})
    console.say(f"用户 {options.login}", f"user {options.login}")
    if not given:
        console.say(f"密码 {password}（只显示这一次）", f"password {password} (shown this once)")
    return DONE


def _add(opened: Opened, options: Namespace, console: Console, given: str | None) -> str:
    password, encoded = password_and_hash(given, opened.passwords)
    now = console.now()
    context = setup_context(
        opened.name, now, language=opened.language, login=whoever(), door="command"
    )

    def add(work: Work) -> None:
        add_user(
            work, options.login, options.name or options.login, roles=options.role, encoded=encoded,
            now=now, language=opened.language,
        )  # fmt: skip

    opened.run(context, add, write=True)
    return password


def _set_password(opened: Opened, login: str, console: Console, given: str | None) -> str:
    user = user_of(opened, login)
    password, encoded = password_and_hash(given, opened.passwords)
    now = console.now()
    opened.run_bare(lambda connection: sign_in.put_hash(connection, user, encoded, now))
    return password


def _list_users(opened: Opened, console: Console) -> int:
    context = setup_context(opened.name, console.now(), language=opened.language)
    people = opened.run(context, list_users, write=False)
    console.answer(
        [
            {
                "login": each.login,
                "name": each.name,
                "roles": sorted(role for role, _ in each.grants),
            }
            for each in people
        ]
    )
    heads = [
        Label.of({"zh": "登录名", "en": "login"}),
        Label.of({"zh": "姓名", "en": "name"}),
        Label.of({"zh": "角色", "en": "roles"}),
    ]
    console.table(
        heads,
        [
            [each.login, each.name, " ".join(sorted(role for role, _ in each.grants))]
            for each in people
        ],
    )
    return DONE


def _asked(console: Console) -> str:
    return getpass("密码：" if console.language == "zh" else "Password: ")


def user_of(opened: Opened, login: str) -> int:
    """Return the id of a user by login. Refuses an unknown one."""
    with opened.begun(write=False) as (connection, catalog, _):
        user = find_login(connection, catalog, login)
    if not user:
        raise refuse(UNKNOWN_USER, "login", login=login)
    return user


def _token_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|list|revoke")
    says = {
        "add": ("发给用户一个 API 令牌", "Issue a token to a user"),
        "list": ("列出用户的令牌", "List a user's tokens"),
        "revoke": ("撤销令牌", "Revoke a token"),
    }
    for verb, (in_zh, in_en) in says.items():
        one = sub_command(verbs, verb, text(in_zh, in_en), console)
        _who(one, console)
        if verb != "list":
            one.add_argument("name", help=text("令牌的名字", "the token's name"))
        if verb == "add":
            one.add_argument(
                "--days",
                type=int,
                default=90,
                help=text("有效天数（默认 90）", "days it is good for (default 90)"),
            )


def _token(options: Namespace, console: Console) -> int:
    now = console.now()
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        user = user_of(opened, options.login)
        if options.verb == "list":
            found = tokens.tokens(opened, user, now)
            console.answer(
                [
                    {
                        "name": each.name,
                        "created": each.created,
                        "expires": each.expires,
                        "used": each.used,
                    }
                    for each in found
                ]
            )
            heads = [
                Label.of({"zh": "名字", "en": "name"}),
                Label.of({"zh": "到期", "en": "expires"}),
            ]
            console.table(heads, [[each.name, str(each.expires or "—")] for each in found])
            return DONE
        if options.verb == "revoke":
            tokens.revoke(opened, user, options.name, now)
            console.answer({"revoked": options.name})
            console.say(f"已撤销 {options.name}", f"revoked {options.name}")
            return DONE
        if not 1 <= options.days <= MOST_DAYS:
            raise refuse(BAD_DAYS, "days", most=MOST_DAYS)
        expires = now + timedelta(days=options.days)
        secret = tokens.issue(opened, user, options.name, now, expires=expires)
    console.answer({"name": options.name, "token": secret, "expires": expires})
    console.say(
        f"{secret}\n（只显示这一次，到期 {expires:%Y-%m-%d}）",
        f"{secret}\n(shown this once; expires {expires:%Y-%m-%d})",
    )
    return DONE


def _why_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    parser.add_argument("tenant", help=text("租户", "the tenant"))
    parser.add_argument("login", help=text("谁", "who"))
    parser.add_argument(
        "action",
        help=text(
            "read、update 等权限，或 approve 等操作",
            "a right such as read or update, or an action such as approve",
        ),
    )
    parser.add_argument(
        "record",
        help=text(
            "sales.order/17，或只写实体 sales.order",
            "sales.order/17, or the entity alone: sales.order",
        ),
    )


def _why(options: Namespace, console: Console) -> int:
    entity, _, written = options.record.partition("/")
    if written and not _ID.fullmatch(written):
        raise refuse(BAD_RECORD, "record", record=options.record)
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        context = opened.context_of(user_of(opened, options.login), door="command")
        if context is None:
            raise refuse(UNKNOWN_USER, "login", login=options.login)
        with opened.work(context, write=False) as work:
            answer = why(
                work.catalog, work.context, work.connection, entity, options.action,
                int(written) if written else None,
            )  # fmt: skip
    said = answer.say(console.language)
    console.answer({"allowed": answer.allowed, "because": said})
    for sentence in said:
        console.say(sentence, sentence)
    return DONE


COMMANDS = {
    "user": Command(_user_arguments, _user),
    "token": Command(_token_arguments, _token),
    "why": Command(_why_arguments, _why),
}

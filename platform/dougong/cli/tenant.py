"""dougong tenant, module: whole tenants."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from dougong.cli.console import DONE, Command, Console, sub_command
from dougong.cli.open import opened_registry, warn_of_login, whoever
from dougong.cli.problems import NO_FOLDER
from dougong.foundation.errors import refuse
from dougong.foundation.translate import Label
from dougong.tenants import install, transfer
from dougong.tenants.configuration import head_of_layer, read_files
from dougong.tenants.registry import Created, Registry

_VERBS = {
    "create": ("创建租户", "Create a tenant"),
    "list": ("列出租户", "List the tenants"),
    "copy": ("复制租户（连同数据）", "Copy a tenant with its data"),
    "remove": ("删除租户和它的全部数据", "Remove a tenant with all its data"),
    "export": ("导出租户到一个文件", "Export a tenant to a file"),
    "import": ("从导出文件建立租户", "Make a tenant from an exported file"),
}


def _arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(_VERBS))
    made = {verb: sub_command(verbs, verb, text(*said), console) for verb, said in _VERBS.items()}
    name = text("租户名", "the tenant's name")
    made["create"].add_argument("name", help=name)
    made["create"].add_argument(
        "--module",
        action="append",
        default=[],
        metavar="MODULE",
        help=text("安装的模块，可多次", "a module to install; may be repeated"),
    )
    made["create"].add_argument("--label", help=text("显示的名称", "the name people read"))
    made["create"].add_argument(
        "--language",
        choices=("zh", "en"),
        default=None,
        help=text("租户的语言", "the tenant's language"),
    )
    made["create"].add_argument(
        "--currency",
        default="CNY",
        help=text("本位币（默认 CNY）", "the company's currency (default CNY)"),
    )
    made["create"].add_argument(
        "--zone",
        default="Asia/Shanghai",
        help=text("时区（默认 Asia/Shanghai）", "time zone (default Asia/Shanghai)"),
    )
    made["create"].add_argument(
        "--folder",
        help=text(
            "租户自己的配置文件夹（tenant.yaml …）",
            "a folder with its own configuration (tenant.yaml …)",
        ),
    )
    made["copy"].add_argument("source", help=text("从哪个租户", "the tenant to copy"))
    made["copy"].add_argument("name", help=text("新租户名", "the new tenant's name"))
    made["remove"].add_argument("name", help=name)
    made["remove"].add_argument(
        "--yes", action="store_true", required=True, help=text("确认删除", "yes, remove it")
    )
    made["export"].add_argument("name", help=name)
    made["export"].add_argument("file", help=text("写到哪个文件", "the file to write"))
    made["import"].add_argument("file", help=text("导出文件", "the exported file"))
    made["import"].add_argument("name", help=text("新租户名", "the new tenant's name"))


def _tenant(options: Namespace, console: Console) -> int:
    with opened_registry(console) as registry:
        return _DO[options.verb](registry, options, console)


def _create(registry: Registry, options: Namespace, console: Console) -> int:
    files = _layer(options.folder) if options.folder else {}
    head = head_of_layer(files, console.language)
    language = options.language or head.language or console.language
    created = registry.create(
        options.name,
        modules=options.module,
        label=options.label or head.label or options.name,
        language=language,
        now=console.now(),
        currency=head.currency or options.currency,
        zone=head.zone or options.zone,
        layer=files,
    )
    warn_of_login(registry, console)
    _tell(created, console)
    return DONE


def _tell(created: Created, console: Console) -> None:
    console.answer(
        {"tenant": created.name, "login": created.admin_login, "password": created.admin_password}
    )
    console.say(f"已创建租户 {created.name}", f"created tenant {created.name}")
    console.say(
        f"管理员 {created.admin_login}，密码 {created.admin_password}（只显示这一次）",
        f"administrator {created.admin_login}, password {created.admin_password} (shown this once)",
    )


def _layer(folder: str) -> dict[str, str]:
    try:
        return read_files(Path(folder))
    except NotADirectoryError as wrong:
        raise refuse(NO_FOLDER, folder=folder) from wrong


def _list(registry: Registry, options: Namespace, console: Console) -> int:
    del options
    entries = registry.entries()
    console.answer(
        [
            {
                "name": each.name,
                "label": each.label,
                "language": each.language,
                "state": each.state,
                "created": each.created,
            }
            for each in entries
        ]
    )
    heads = [
        Label.of({"zh": "租户", "en": "tenant"}),
        Label.of({"zh": "名称", "en": "label"}),
        Label.of({"zh": "语言", "en": "language"}),
        Label.of({"zh": "状态", "en": "state"}),
    ]
    console.table(heads, [[each.name, each.label, each.language, each.state] for each in entries])
    return DONE


def _copy(registry: Registry, options: Namespace, console: Console) -> int:
    transfer.copy(registry, options.source, options.name, console.now())
    console.answer({"tenant": options.name})
    console.say(f"已复制为 {options.name}", f"copied to {options.name}")
    return DONE


def _remove(registry: Registry, options: Namespace, console: Console) -> int:
    registry.remove(options.name)
    console.answer({"removed": options.name})
    console.say(f"已删除 {options.name}", f"removed {options.name}")
    return DONE


def _export(registry: Registry, options: Namespace, console: Console) -> int:
    rows = transfer.export(registry, options.name, Path(options.file))
    console.answer({"tenant": options.name, "file": options.file, "rows": rows})
    console.say(f"已导出 {rows} 行到 {options.file}", f"exported {rows} rows to {options.file}")
    return DONE


def _import(registry: Registry, options: Namespace, console: Console) -> int:
    rows = transfer.import_(registry, Path(options.file), options.name, console.now())
    console.answer({"tenant": options.name, "rows": rows})
    console.say(f"已建立 {options.name}，{rows} 行", f"made {options.name} with {rows} rows")
    return DONE


_DO = {
    "create": _create,
    "list": _list,
    "copy": _copy,
    "remove": _remove,
    "export": _export,
    "import": _import,
}


def _module_arguments(parser: ArgumentParser, console: Console) -> None:
    text = console.text
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|remove|list")
    says = {
        "add": ("安装模块和它需要的模块", "Install a module with what it needs"),
        "remove": ("移除模块，记录移入存放区", "Remove a module; its records are parked"),
        "list": ("列出已安装的模块", "List the modules installed"),
    }
    for verb, (in_zh, in_en) in says.items():
        one = sub_command(verbs, verb, text(in_zh, in_en), console)
        one.add_argument("tenant", help=text("租户", "the tenant"))
        if verb != "list":
            one.add_argument("module", help=text("模块", "the module"))
            one.add_argument(
                "--why", required=True, help=text("为什么，记入变更记录", "why, for the journal")
            )
        if verb == "remove":
            one.add_argument(
                "--consent",
                action="store_true",
                help=text("同意移走数据", "agree to taking its data away"),
            )


def _module(options: Namespace, console: Console) -> int:
    now = console.now()
    with opened_registry(console) as registry:
        opened = registry.open(options.tenant)
        if options.verb == "add":
            install.add_module(opened, options.module, who=whoever(), why=options.why, now=now)
        elif options.verb == "remove":
            install.remove_module(
                opened,
                options.module,
                who=whoever(),
                why=options.why,
                now=now,
                consent=options.consent,
            )
        there = install.installed(opened)
    console.answer({"modules": list(there)})
    console.say("已安装：" + "、".join(there), "installed: " + ", ".join(there))
    return DONE


COMMANDS = {
    "tenant": Command(_arguments, _tenant),
    "module": Command(_module_arguments, _module),
}

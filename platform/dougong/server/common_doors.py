"""Doors across entities: what there is, and search."""

from dougong.foundation.errors import refuse
from dougong.queries.search import search
from dougong.records.work import Work
from dougong.server.body import nearest_name
from dougong.server.call import Answer, Call, json_answer
from dougong.server.parameters import names, text, whole
from dougong.server.problems import UNKNOWN_ENTITY

RIGHTS_TOLD = ("read", "create", "update", "delete", "act")


def index_door(work: Work, call: Call) -> Answer:
    """GET: the entities this user may do something with, and where."""
    base = f"/t/{call.tenant}/api"
    rows = []
    for entity in work.catalog.entities.values():
        access = work.access(entity.id)
        rights = [right for right in RIGHTS_TOLD if access.may(right)]
        if rights:
            label = entity.label.say(work.context.language)
            rows.append(
                {"id": entity.id, "label": label, "url": f"{base}/{entity.id}", "rights": rights}
            )
    return json_answer({"rows": rows, "openapi": f"{base}/openapi.json"})


def search_door(work: Work, call: Call) -> Answer:
    """GET: records of any entity that hold the words of `q`; `entities` narrows it down."""
    readable = [each for each in work.catalog.entities if work.access(each).may("read")]
    asked = names(call, "entities")
    for entity in asked:
        if entity not in work.catalog.entities:
            near = nearest_name(entity, readable)
            raise refuse(UNKNOWN_ENTITY, "entities", entity=entity[:60], nearest=near)
        work.access(entity).demand("read")
    return json_answer({"rows": search(work, text(call, "q"), asked, whole(call, "limit", 10, 50))})

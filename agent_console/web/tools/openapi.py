#!/usr/bin/env python3
"""Prints the console's schemas as an OpenAPI document, from which `npm run types` makes TypeScript.

Needs no running service. Bodies that the browser sends may leave out fields with a default;
bodies that it receives have every field.
"""

import inspect
import json

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from agent_console import schemas

SENT = {
    "ActionIn",
    "CannedTextIn",
    "CitizenReportIn",
    "CitizenText",
    "CloseIn",
    "DialRequest",
    "Draft",
    "DraftIn",
    "FilingIn",
    "LinkIn",
    "LinkPlaceIn",
    "MergeIn",
    "MessageIn",
    "ModeratedIn",
    "OptOutIn",
    "PlaceIn",
    "PositionIn",
    "RatingIn",
    "ReportIn",
    "ResendIn",
    "RevealRequest",
    "RuleActionIn",
    "SaidIn",
    "SchemeIn",
    "SeatStateChange",
    "ShownClass",
    "ShownPlace",
    "SignIn",
    "SimulatedReply",
    "SuggestRequest",
    "SuggestedIn",
    "TicketIn",
    "TransferIn",
    "TransferRequest",
    "TryIn",
    "WordIn",
}


def mode(name: str) -> JsonSchemaMode:
    return "validation" if name in SENT else "serialization"


models = [
    (model, mode(name))
    for name, model in inspect.getmembers(schemas, inspect.isclass)
    if issubclass(model, BaseModel) and model not in (BaseModel, schemas.Schema)
]
_, document = models_json_schema(models, ref_template="#/components/schemas/{model}")
print(  # noqa: T201 - the output of this tool
    json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "agent_console", "version": "0"},
            "paths": {},
            "components": {"schemas": document["$defs"]},
        },
        ensure_ascii=False,
    )
)

"""The description of the data interface: the interface held against it, and it against the code."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from admin.access import DEMANDS, TOKEN
from admin.api import DESCRIPTION, KEY
from tests.form_server import form_server
from tests.installation import HOST
from tracker.server_events import MOST_ITEMS, Event, Outcome, Step, View
from tracker.store.tokens import SCOPES, Tokens
from tracker.store.usage import Usage
from tracker.usage.layout import Connector, Layout

DOCS = Path(__file__).parents[1] / "docs" / "api.md"
DOCUMENT: dict[str, Any] = json.loads(DESCRIPTION)
CONNECTOR = "civento"
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [(path, method) for path, row in DOCUMENT["paths"].items() for method in row]
CASES = [
    (*operation, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode.is_positive or "requestBody" in DOCUMENT["paths"][operation[0]][operation[1]]
]

load_all_checks()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A form server whose token is for every use, in a municipality with a connector."""
    server = form_server(tmp_path_factory.mktemp("openapi"), rate_limit="100000", rate_burst="1000000")
    connection = server.city.store.connection
    layout = Layout({"period": "period", "submitted": "submitted"}, fixed={"service": "hundesteuer"})
    Usage(connection).save(1, Connector(CONNECTOR, "civento", layout))
    server.token = Tokens(connection).add(1, "alles", SCOPES)
    return server


@pytest.fixture(scope="module")
def interface(server):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", server.app)


def validator_of(name):
    whole = {"components": DOCUMENT["components"], "$ref": f"#/components/schemas/{name}"}
    return jsonschema_rs.Draft202012Validator(whole)


def brought_home(body, now):
    """Items get a site and a time that are there, so that they are not all refused for these."""
    items = body.get("items") if isinstance(body, dict) else None
    for row in items if isinstance(items, list) else []:
        if isinstance(row, dict) and isinstance(row.get("s"), str):
            row["s"] = HOST
        if isinstance(row, dict) and type(row.get("time")) in (int, str):
            row["time"] = now


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method", "mode"), CASES)
@settings(max_examples=50, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_interface_is_as_described(data, path, method, mode, interface, server):
    case = data.draw(interface[path][method.upper()].as_strategy(generation_mode=mode))
    brought_home(case.body, server.now)
    if "connector" in (case.path_parameters or {}) and data.draw(st.booleans()):
        case.path_parameters["connector"] = CONNECTOR
    server.city.store.connection.execute("delete from delivery")  # else a drawn key may be known
    headers = {"Authorization": f"Bearer {server.token}"}
    excluded = [negative_data_rejection] if path == "/events" else [negative_data_rejection, positive_data_acceptance]
    response = case.call_and_validate(headers=headers, excluded_checks=excluded)  # no schema tells a file's content
    if path == "/events":
        assert nonsense_accepted(response) == []


def nonsense_accepted(response):
    """Items that break their description and were accepted all the same: each item is judged by itself."""
    if response.status_code != 202:
        return []
    items, answer = json.loads(response.request.body)["items"], response.json()
    refused = {refusal["index"] for refusal in answer["refused"]}
    assert KEY.fullmatch(response.request.headers.get("Idempotency-Key", "none"))
    assert answer["accepted"] + len(refused) == len(items)
    valid = validator_of("Item")
    return [row for index, row in enumerate(items) if index not in refused and not valid.is_valid(row)]


def test_the_description_is_public(server):
    response = server.client.get("/api/v1/openapi.json")
    assert (response.status_code, response.mimetype, response.data) == (200, "application/json", DESCRIPTION)


def test_every_route_is_described_with_what_it_demands(server):
    rules = [rule for rule in server.app.url_map.iter_rules() if rule.rule.startswith("/api/v1")]
    assert {rule.endpoint.partition(".")[2] for rule in rules} == {
        DOCUMENT["paths"][path][method]["operationId"] for path, method in OPERATIONS
    }
    for path, method in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        (demand,) = (DEMANDS[rule.endpoint] for rule in rules if rule.endpoint.endswith(f".{operation['operationId']}"))
        demands_token = demand.startswith(TOKEN)
        assert demands_token == bool(operation.get("security", DOCUMENT["security"]))


@pytest.mark.parametrize("kind", [Step, Outcome, Event, View], ids=lambda kind: kind.__name__)
def test_the_fields_described_are_the_fields_there_are(kind):
    described = SCHEMAS[kind.__name__]
    required = {field.encode_name for field in structs.fields(kind) if field.required}
    assert set(described["properties"]) - {"k"} == {field.encode_name for field in structs.fields(kind)}
    assert set(described["required"]) - {"k"} == required
    assert described["properties"]["k"]["const"] == kind.__struct_config__.tag


def test_the_largest_batch_is_described():
    assert SCHEMAS["Items"]["properties"]["items"]["maxItems"] == MOST_ITEMS


@pytest.mark.parametrize("name", [name for name in SCHEMAS if "examples" in SCHEMAS[name]])
def test_the_examples_are_valid(name):
    assert all(validator_of(name).is_valid(example) for example in SCHEMAS[name]["examples"])


def test_every_field_and_reason_is_explained():
    text = DOCS.read_text("utf-8")
    words = {name for kind in ("Step", "Outcome", "Event", "View") for name in SCHEMAS[kind]["properties"]}
    words |= set(SCHEMAS["Refusal"]["properties"]["reason"]["enum"]) | set(SCHEMAS["Answer"]["properties"])
    assert [word for word in sorted(words) if f"`{word}`" not in text] == []

"""What crosses the border is a published contract: it changes with its version or not at all."""

import json
from importlib import import_module
from pathlib import Path

import jsonschema
import state

import schemas
from schemas.events import EVENTS
from schemas.names import content_id, content_ids, finding_id, observation_id
from schemas.observation import CROSSING, VERSION, json_schema
from streams.topology import TOPOLOGY

PUBLISHED = Path(schemas.__file__).parent / "border.schema.json"


def test_the_published_schema_is_the_generated_one() -> None:
    """After a change: raise VERSION, then `python -m schemas.observation > schemas/border.schema.json`."""
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    if published["version"] != VERSION:
        assert published != json_schema(), "the version changed and nothing else"
    assert published == json_schema(), "what crosses the border changed: raise VERSION and publish it again"


def test_what_is_sent_fits_the_schema(tmp_path: Path) -> None:
    state.run(tmp_path, state.written(tmp_path / "s", state.people(6, 0, "share.example.com")))
    validator = jsonschema.Draft202012Validator(json_schema()["$defs"]["observation"])
    for row in state.observations(tmp_path):
        said = {k: v for k, v in row.items() if v is not None} | {"revision": 1, "day": row["day"].isoformat()}
        validator.validate(said)


def test_every_column_has_a_sentence() -> None:
    for table in (*EVENTS.values(), *CROSSING.values()):
        for column in table.columns:
            assert len(column.sentence) >= 8, column.name
            assert not column.sentence.endswith(".")


def test_ids_are_functions_of_content() -> None:
    assert finding_id("um/lfg", "service:chatgpt") == "BFTODRRTPMCQPMROP445"
    assert observation_id("a", "b", "c", "d", "e", "f") != observation_id("a", "b", "c", "d", "ef", "")
    parts = [("im", "service:äö"), ("", ""), ("um/lfg", f"domain:{'x' * 200}.example")]
    for length in (1, 20, 26, 102):
        many = content_ids(["\n".join(part) for part in parts], length)
        assert many == [content_id(*part, length=length) for part in parts]
    assert content_ids([]) == []


def test_the_topology_names_functions_that_exist() -> None:
    for step in TOPOLOGY:
        module, name = step.function.split(":")
        assert callable(getattr(import_module(module), name)), step.name

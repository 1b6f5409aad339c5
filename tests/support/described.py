"""Judges what was published by its schemas, as a consumer would: reads {"folder": ..., "events": [{"type", "data"}]} from its
input, writes what is wrong with them as a JSON array. What a schema does not name is wrong as well: nobody was told of it."""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

request = json.load(sys.stdin)


def closed(schema):
    """The same schema, for which everything that it does not name is wrong."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if "properties" in found and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


wrong, validators = [], {}
for path in pathlib.Path(request["folder"]).glob("*.json"):
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    if schema["title"] != path.stem or schema["$id"] != f"urn:counterfoil:event:{path.stem}":
        wrong.append(f"{path.name}: it is called {schema['title']}, {schema['$id']}")
    validators[path.stem] = Draft202012Validator(closed(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
document = json.loads((pathlib.Path(request["folder"]).parent / "asyncapi.json").read_text())
for name, schema in document["components"]["schemas"].items():
    Draft202012Validator.check_schema(schema)
    validators[name] = Draft202012Validator(closed(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
for event in request["events"]:
    validator = validators.get(event["type"])
    if validator is None:
        wrong.append(f"{event['type']}: there is no schema")
        continue
    for error in validator.iter_errors(event["data"]):
        wrong.append(f"{event['type']} {error.json_path}: {error.message}")
print(json.dumps(wrong))

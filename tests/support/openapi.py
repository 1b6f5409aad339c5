"""Judges what a server answered by the document that it serves, as a client would that was made from it: reads {"document": ...,
"answers": [{"method", "route", "status", "type", "headers", "body", "sent", "right"}]} from its input, writes what is wrong as a
JSON array. What an answer's schema does not name is wrong as well: nobody was told of it. `sent` is judged by the schema of the
request, which has to find it right where `right` says so, and wrong where it does not."""
import json
import re
import sys

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

request = json.load(sys.stdin)
document = request["document"]


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


def resource(contents):
    return Resource(contents=contents, specification=DRAFT202012)


registry = Registry().with_resources([("urn:sent", resource(document)), ("urn:told", resource(closed(document)))])
wrong, seen = [], set()


def at(pointer):
    found = document
    for part in pointer.split("/")[1:]:
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def followed(pointer):
    """Where something stands that may be a reference."""
    while "$ref" in at(pointer):
        pointer = at(pointer)["$ref"][1:]
    return pointer


def part(text):
    return text.replace("~", "~0").replace("/", "~1")


def errors(of, pointer, value):
    validator = Draft202012Validator(
        {"$ref": f"{of}#{pointer}"}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


for name, schema in document["components"]["schemas"].items():
    Draft202012Validator.check_schema(schema)
    for example in schema.get("examples", []):
        wrong += [f"the example of {name}: {error}" for error in errors("urn:sent", f"/components/schemas/{name}", example)]
for answer in request["answers"]:
    method, route, status = answer["method"].lower(), answer["route"], str(answer["status"])
    what = f"{answer['method']} {route} {status}"
    operation = document["paths"].get(route, {}).get(method)
    if operation is None:
        wrong.append(f"{what}: there is no such operation")
        continue
    base = f"/paths/{part(route)}/{method}"
    if answer["sent"] is not None:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            wrong.append(f"{what}: it takes no body")
        else:
            found = errors("urn:sent", f"{base}/requestBody/content/application~1json/schema", answer["sent"])
            if answer["right"] and found:
                wrong.append(f"{what}: {json.dumps(answer['sent'])} was to be right: {found}")
            if not answer["right"] and not found:
                wrong.append(f"{what}: {json.dumps(answer['sent'])} was to be wrong")
    if status not in operation["responses"]:
        wrong.append(f"{what}: the status is not named; {answer['body']}")
        continue
    pointer = followed(f"{base}/responses/{status}")
    told = at(pointer)
    seen.add((method, route, status))
    for name in told.get("headers", {}):
        header = at(followed(f"{pointer}/headers/{part(name)}"))
        value = answer["headers"].get(name.lower())
        if value is None:
            if header.get("required"):
                wrong.append(f"{what}: it has no {name}")
            continue
        schema = header["schema"]
        if schema["type"] == "integer" and not re.fullmatch("[0-9]+", value):
            wrong.append(f"{what}: {name}: {value}")
        if schema["type"] == "string" and not Draft202012Validator(schema).is_valid(value):
            wrong.append(f"{what}: {name}: {value}")
    contents = told.get("content", {})
    kind = (answer["type"] or "").split(";")[0]
    if kind not in contents and (contents or answer["body"]):
        wrong.append(f"{what}: {kind!r} is none of {sorted(contents)}")
        continue
    if kind.endswith("json"):
        found = errors("urn:told", f"{pointer}/content/{part(kind)}/schema", json.loads(answer["body"]))
        wrong += [f"{what}: {error}: {answer['body'][:500]}" for error in found]
print(json.dumps({"wrong": wrong, "seen": len(seen)}))

"""Checks a value against the part of JSON Schema that docs/schema uses."""

TYPES = {"object": dict, "array": list, "string": str, "null": type(None)}
KNOWN = {"$schema", "title", "description", "type", "properties", "required", "additionalProperties", "items", "enum",
         "const", "minimum", "maximum", "minItems", "maxItems"}


def is_type(value, name):
    if name == "boolean":
        return isinstance(value, bool)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def violations(value, schema, where="$"):
    """A list of texts; empty: the value is valid."""
    unknown = set(schema) - KNOWN
    if unknown:
        return [f"{where}: the schema uses {unknown}"]
    if "const" in schema and value != schema["const"]:
        return [f"{where}: {value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, t) for t in types):
        return [f"{where}: {value!r} is no {types}"]
    found = []
    if isinstance(value, (int, float)):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            found.append(f"{where}: {value} is out of range")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{where}: {len(value)} items")
        for k, item in enumerate(value):
            found += violations(item, schema.get("items", {}), f"{where}[{k}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{where}: no {key}" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            extra = schema.get("additionalProperties", True)
            if key in properties:
                found += violations(item, properties[key], f"{where}.{key}")
            elif isinstance(extra, dict):
                found += violations(item, extra, f"{where}.{key}")
            elif extra is False:
                found.append(f"{where}: unexpected {key}")
    return found

//! TypeScript types of the report API, from its OpenAPI document.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value};

/// The head of the file.
const HEAD: &str = "// Generated from docs/openapi.json by `make docs`; do not edit.\n";

/// The file: one type for each schema of the document, and the response of each call by its path.
pub(crate) fn typescript(document: &Value) -> String {
    let mut text = HEAD.to_owned();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let comment = comment(schema, "");
        match schema["properties"].as_object() {
            Some(_) => writeln!(text, "\n{comment}export interface {name} {}", object(schema, "")).unwrap(),
            None => writeln!(text, "\n{comment}export type {name} = {};", type_of(schema, "")).unwrap(),
        }
    }
    text += "\n/** The JSON response of each call, by its path. */\nexport interface Responses {\n";
    for (path, methods) in document["paths"].as_object().unwrap() {
        let calls = methods.as_object().unwrap().values();
        let schemas = calls.map(|call| &call["responses"]["200"]["content"]["application/json"]["schema"]);
        let types = schemas.filter(|schema| !schema.is_null()).map(|schema| type_of(schema, "  "));
        // Calls of one path may have the same response.
        let types: BTreeSet<String> = types.collect();
        if !types.is_empty() {
            let path = path.strip_prefix("/reports/v1/").unwrap();
            let types: Vec<String> = types.into_iter().collect();
            writeln!(text, "  {}: {};", key(path), types.join(" | ")).unwrap();
        }
    }
    text += "}\n";
    text
}

/// The type of the values of a schema, within lines that begin with `indent`.
fn type_of(schema: &Value, indent: &str) -> String {
    let Some(schema_object) = schema.as_object() else { return "unknown".to_owned() };
    let all = |schemas: &Value, separator: &str| {
        let types: Vec<_> = schemas.as_array().unwrap().iter().map(|one| type_of(one, indent)).collect();
        types.join(separator)
    };
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(literal).collect::<Vec<_>>().join(" | ");
    }
    if let Some(value) = schema_object.get("const") {
        return literal(value);
    }
    for (word, separator) in [("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")] {
        if schema_object.contains_key(word) {
            return all(&schema[word], separator);
        }
    }
    match &schema["type"] {
        Value::Array(names) => {
            let types = names.iter().map(|name| of_name(name.as_str().unwrap(), schema, indent));
            types.collect::<Vec<_>>().join(" | ")
        }
        Value::String(name) => of_name(name, schema, indent),
        _ => "unknown".to_owned(),
    }
}

/// The type that a schema describes for one of the types of JSON.
fn of_name(name: &str, schema: &Value, indent: &str) -> String {
    match name {
        "integer" | "number" => "number".to_owned(),
        "array" => {
            let items = type_of(&schema["items"], indent);
            if items.contains([' ', '|']) && !items.starts_with('{') {
                format!("({items})[]")
            } else {
                format!("{items}[]")
            }
        }
        "object" if schema["properties"].is_object() => object(schema, indent),
        "object" => {
            let values = schema.get("additionalProperties").unwrap_or(&Value::Null);
            format!("{{ [key: string]: {} }}", type_of(values, indent))
        }
        other => other.to_owned(),
    }
}

/// The properties of an object, in braces.
fn object(schema: &Value, indent: &str) -> String {
    let inner = format!("{indent}  ");
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let mut text = "{\n".to_owned();
    for (name, property) in schema["properties"].as_object().unwrap_or(&Map::new()) {
        let is_required = required.iter().any(|required| *required == name);
        let mark = if is_required { "" } else { "?" };
        let comment = comment(property, &inner);
        writeln!(text, "{comment}{inner}{}{mark}: {};", key(name), type_of(property, &inner)).unwrap();
    }
    if schema["additionalProperties"] == true {
        writeln!(text, "{inner}[key: string]: unknown;").unwrap();
    }
    write!(text, "{indent}}}").unwrap();
    text
}

/// The description as a comment of its own line.
fn comment(schema: &Value, indent: &str) -> String {
    match schema["description"].as_str() {
        Some(text) => format!("{indent}/** {} */\n", text.replace('\n', " ").replace("*/", "* /")),
        None => String::new(),
    }
}

fn key(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { name.to_owned() } else { format!("'{name}'") }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

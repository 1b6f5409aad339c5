//! `/docs`: one page made of the document. It runs no script and loads nothing but its style sheet. Whatever stands in
//! the document is text to it: maud escapes what is spliced in.

use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

/// The methods of a path, in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];
/// Where `make run` listens: examples are for typing.
const SERVER: &str = "http://127.0.0.1:8080";
/// What bounds a value, each with what is said before and behind it.
const BOUNDS: [(&str, &str, &str); 8] = [
    ("minimum", "from ", ""),
    ("maximum", "to ", ""),
    ("minLength", "at least ", " characters"),
    ("maxLength", "at most ", " characters"),
    ("minItems", "at least ", " items"),
    ("maxItems", "at most ", " items"),
    ("maxProperties", "at most ", " entries"),
    ("default", "unless given ", ""),
];

/// The page of a document.
pub(super) fn of(document: &Value) -> String {
    Page { document }.whole().into_string()
}

struct Page<'d> {
    document: &'d Value,
}

struct Operation<'d> {
    path: &'d str,
    method: &'static str,
    told: &'d Value,
}

/// A text, or none.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The last part of what a reference names.
fn name_of(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.rsplit('/').next()
}

/// What one of several may be, where the schema itself says no more than that.
fn choices(schema: &Value) -> Option<&[Value]> {
    let choices = ["oneOf", "anyOf"].into_iter().find_map(|key| schema[key].as_array());
    choices.filter(|_| schema.get("type").is_none()).map(Vec::as_slice)
}

/// The types of a schema, on a line.
fn types(schema: &Value) -> String {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(only) => vec![only.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => vec!["anything"],
    };
    let types = types.join(" or ");
    match schema["format"].as_str() {
        Some(format) => format!("{types} ({format})"),
        None => types,
    }
}

/// What a schema is, on a line: its name where it has one, words, or a type.
fn kind(schema: &Value) -> Markup {
    html! {
        @if let Some(name) = name_of(schema) {
            a href=(format!("#schema-{name}")) { (name) }
        } @else if let Some(only) = schema.get("const") {
            code { (only.to_string()) }
        } @else if let Some(words) = schema["enum"].as_array() {
            @for (index, word) in words.iter().enumerate() {
                @if index > 0 { ", " }
                code { (word.to_string()) }
            }
        } @else if let Some(choices) = choices(schema) {
            @for (index, choice) in choices.iter().enumerate() {
                @if index > 0 { " or " }
                (kind(choice))
            }
        } @else if schema["items"].is_object() {
            (types(schema)) " of " (kind(&schema["items"]))
        } @else {
            (types(schema))
        }
    }
}

fn bounds(schema: &Value) -> String {
    let found = BOUNDS.iter().filter_map(|(key, before, behind)| {
        let bound = schema.get(*key)?;
        Some(format!("{before}{bound}{behind}"))
    });
    found.collect::<Vec<_>>().join(", ")
}

/// A pattern, with what cannot be seen written out.
fn written(pattern: &str) -> String {
    let one = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    pattern.chars().map(one).collect()
}

/// Paragraphs, apart by an empty line; one whose lines begin with `- ` is a list.
fn prose(text: &str) -> Markup {
    html! {
        @for part in text.split("\n\n").filter(|part| !part.is_empty()) {
            @if part.starts_with("- ") {
                ul {
                    @for line in part.lines() {
                        li { (inline(line.strip_prefix("- ").unwrap_or(line))) }
                    }
                }
            } @else {
                p { (inline(part)) }
            }
        }
    }
}

/// Text, of which what stands between backquotes is code.
fn inline(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 {
                code { (part) }
            } @else {
                (part)
            }
        }
    }
}

/// An example: JSON in lines, text as it is.
fn shown(example: &Value) -> Markup {
    let text = match example {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    html! { pre { code { (text) } } }
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl<'d> Page<'d> {
    fn whole(&self) -> Markup {
        let info = &self.document["info"];
        let title = format!("{} {}", text(info, "title"), text(info, "version"));
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width";
                    title { (title) }
                    link rel="stylesheet" href="/docs/docs.css";
                }
                body {
                    header {
                        h1 { (title) }
                        p { (inline(text(info, "summary"))) }
                        p { "The same for programs: " a href="/openapi.json" { "/openapi.json" } ", OpenAPI 3.1." }
                    }
                    nav { (self.contents()) }
                    main {
                        (prose(text(info, "description")))
                        @for (name, scheme) in entries(&self.document["components"]["securitySchemes"]) {
                            h2 { "Who asks: " (name) }
                            (prose(text(scheme, "description")))
                        }
                        @for tag in items(&self.document["tags"]) {
                            h2 id=(format!("tag-{}", text(tag, "name"))) { (text(tag, "name")) }
                            (prose(text(tag, "description")))
                            @for operation in self.tagged(tag) {
                                (self.operation(&operation))
                            }
                        }
                        h2 id="schemas" { "What is sent and told" }
                        @for (name, schema) in entries(&self.document["components"]["schemas"]) {
                            section id=(format!("schema-{name}")) {
                                h3 { (name) }
                                (self.about(schema))
                            }
                        }
                    }
                }
            }
        }
    }

    fn contents(&self) -> Markup {
        html! {
            @for tag in items(&self.document["tags"]) {
                h2 { a href=(format!("#tag-{}", text(tag, "name"))) { (text(tag, "name")) } }
                ul {
                    @for operation in self.tagged(tag) {
                        li {
                            a href=(format!("#{}", text(operation.told, "operationId"))) {
                                (text(operation.told, "summary"))
                            }
                        }
                    }
                }
            }
            h2 { a href="#schemas" { "What is sent and told" } }
        }
    }

    /// The operations of a tag, by path.
    fn tagged(&self, tag: &Value) -> Vec<Operation<'d>> {
        let mut found = Vec::new();
        for (path, methods) in entries(&self.document["paths"]) {
            for method in METHODS {
                if let Some(told) = methods.get(method).filter(|told| told["tags"][0] == tag["name"]) {
                    found.push(Operation { path, method, told });
                }
            }
        }
        found
    }

    /// What a reference leads to; what is none is itself.
    fn resolved(&self, value: &'d Value) -> &'d Value {
        let pointer = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }

    fn operation(&self, operation: &Operation<'d>) -> Markup {
        let Operation { path, method, told } = *operation;
        html! {
            section.operation id=(text(told, "operationId")) {
                h3 { (text(told, "summary")) }
                p.route { b { (method.to_uppercase()) } " " code { (path) } }
                (prose(text(told, "description")))
                (self.parameters(told))
                (self.body(told))
                (self.answers(told))
                pre { code { (self.curl(operation)) } }
            }
        }
    }

    fn parameters(&self, told: &'d Value) -> Markup {
        let parameters: Vec<_> = items(&told["parameters"]).iter().map(|one| self.resolved(one)).collect();
        html! {
            @if !parameters.is_empty() {
                h4 { "Parameters" }
                table {
                    tr { th { "name" } th { "in" } th { "type" } th { "what it is" } }
                    @for parameter in parameters {
                        tr {
                            td { (named(text(parameter, "name"), parameter["required"] == true)) }
                            td { (text(parameter, "in")) }
                            td { (kind(&parameter["schema"])) }
                            td { (prose(text(parameter, "description"))) (limits(&parameter["schema"])) }
                        }
                    }
                }
            }
        }
    }

    fn body(&self, told: &'d Value) -> Markup {
        let body = &told["requestBody"];
        let needed = if body["required"] == true { "" } else { " (may be left out)" };
        html! {
            @for (media, content) in entries(&body["content"]) {
                h4 { "Body" (needed) ": " (media) ", " (kind(&content["schema"])) }
                (self.about(self.resolved(&content["schema"])))
            }
        }
    }

    fn answers(&self, told: &'d Value) -> Markup {
        html! {
            h4 { "Answers" }
            table {
                tr { th { "status" } th { "when" } th { "body" } }
                @for (status, answer) in entries(&told["responses"]) {
                    (self.answer(status, self.resolved(answer)))
                }
            }
        }
    }

    fn answer(&self, status: &str, answer: &'d Value) -> Markup {
        html! {
            tr {
                td { (status) }
                td {
                    (prose(text(answer, "description")))
                    @for (name, header) in entries(&answer["headers"]) {
                        p.bounds { code { (name) } ": " (inline(text(self.resolved(header), "description"))) }
                    }
                }
                td {
                    @for (media, content) in entries(&answer["content"]) {
                        p { (media) ": " (kind(&content["schema"])) }
                        @if let Some(example) = content.get("example") { (shown(example)) }
                    }
                }
            }
        }
    }

    /// A line that can be typed, against what `make run` starts.
    fn curl(&self, operation: &Operation<'d>) -> String {
        let (mut path, mut rest) = (operation.path.to_owned(), String::new());
        for parameter in items(&operation.told["parameters"]).iter().map(|one| self.resolved(one)) {
            let name = text(parameter, "name");
            let example = parameter["example"].as_str().unwrap_or(name);
            match text(parameter, "in") {
                "path" => path = path.replace(&format!("{{{name}}}"), example),
                "header" if parameter["required"] == true => {
                    rest.push_str(&format!(" -H {}", quoted(&format!("{name}: {example}"))));
                }
                _ => {}
            }
        }
        let schema = self.resolved(&operation.told["requestBody"]["content"]["application/json"]["schema"]);
        if let Some(example) = items(&schema["examples"]).first() {
            rest.push_str(" -H 'Content-Type: application/json' -d ");
            rest.push_str(&quoted(&example.to_string()));
        }
        let method = match operation.method {
            "get" => String::new(),
            other => format!(" -X {}", other.to_uppercase()),
        };
        format!("curl -i{method} {}{rest}", quoted(&format!("{SERVER}{path}")))
    }

    /// All that a schema says, but for its name.
    fn about(&self, schema: &'d Value) -> Markup {
        html! {
            (prose(text(schema, "description")))
            (self.shape(schema))
            @for example in items(&schema["examples"]) { (shown(example)) }
        }
    }

    /// What it is made of: fields in a table, several things that it may be, or a type.
    fn shape(&self, schema: &'d Value) -> Markup {
        html! {
            @if schema["properties"].is_object() {
                (self.fields(schema))
            } @else if let Some(choices) = choices(schema) {
                @for choice in choices {
                    div.choice {
                        p { "One may be " (kind(choice)) ":" }
                        (self.about(choice))
                    }
                }
            } @else {
                p.bounds { (kind(schema)) }
                (limits(schema))
            }
        }
    }

    /// The fields of an object: those that are required first, in their order.
    fn fields(&self, schema: &'d Value) -> Markup {
        let required: Vec<&'d str> = items(&schema["required"]).iter().filter_map(Value::as_str).collect();
        let properties = &schema["properties"];
        let others = entries(properties).map(|(name, _)| name).filter(|name| !required.contains(name));
        let order: Vec<&'d str> = required.iter().copied().chain(others).collect();
        html! {
            table {
                tr { th { "field" } th { "type" } th { "what it is" } }
                @for name in order {
                    @let field = &properties[name];
                    tr {
                        td { (named(name, required.contains(&name))) }
                        td { (kind(field)) }
                        td {
                            (prose(self.description(field)))
                            (limits(field))
                            (self.nested(field))
                        }
                    }
                }
            }
        }
    }

    /// What is said of a field itself, or of what it refers to.
    fn description(&self, field: &'d Value) -> &'d str {
        match text(field, "description") {
            "" => text(self.resolved(field), "description"),
            own => own,
        }
    }

    /// The fields of what stands within a field, where it has no name of its own.
    fn nested(&self, field: &'d Value) -> Markup {
        let inner = if field["items"].is_object() { &field["items"] } else { field };
        html! {
            @if inner["properties"].is_object() {
                (self.fields(inner))
            }
        }
    }
}

/// A name; whether it may be left out is told beside it.
fn named(name: &str, required: bool) -> Markup {
    html! {
        code { (name) }
        @if !required { " " small { "optional" } }
    }
}

/// What bounds a value, where something does.
fn limits(schema: &Value) -> Markup {
    let bounds = bounds(schema);
    html! {
        @if !bounds.is_empty() { p.bounds { (bounds) } }
        @if let Some(pattern) = schema["pattern"].as_str() {
            p.bounds { "pattern " code { (written(pattern)) } }
        }
    }
}

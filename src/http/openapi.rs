//! `/openapi.json`: what this server answers, as OpenAPI 3.1 describes it; `/docs`: the same for people. Neither needs a
//! token: they are the same for everybody, and tell nothing of this instance.

mod page;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::Value;

use super::{Answered, HttpCall};

const DOCUMENT: &str = include_str!("../../openapi/counterfoil.json");
const STYLE: &str = include_str!("openapi/docs.css");
/// The page runs no script, is put in no frame, and has its style sheet from here alone.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Made once. A document that cannot be read would leave it empty: a test reads all of it.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    page::of(&document)
});

/// `GET /openapi.json`
pub(super) async fn show(_call: HttpCall) -> Answered {
    Ok(HttpResponse::Ok().content_type("application/json").body(DOCUMENT))
}

/// `GET /docs`
pub(super) async fn docs(_call: HttpCall) -> Answered {
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8").insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    Ok(response.body(PAGE.as_str()))
}

/// `GET /docs/docs.css`
pub(super) async fn style(_call: HttpCall) -> Answered {
    Ok(HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::config::Role;
    use crate::faults::Point;
    use crate::saga::codes::{EVERY_PROBLEM, Spec};
    use crate::saga::event::NAMES;
    use crate::saga::{Code, State};

    fn document() -> Value {
        serde_json::from_str(DOCUMENT).unwrap()
    }

    /// Every operation: its path, its method, and what is told of it.
    fn operations(document: &Value) -> Vec<(String, String, Value)> {
        let mut found = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, told) in methods.as_object().unwrap() {
                found.push((path.clone(), method.clone(), told.clone()));
            }
        }
        found
    }

    /// Every value below this one, with itself.
    fn all<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
        found.push(value);
        match value {
            Value::Array(values) => values.iter().for_each(|value| all(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| all(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn words(value: &Value) -> BTreeSet<&str> {
        value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
    }

    #[test]
    fn the_document_is_of_this_version_and_every_reference_leads_somewhere() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"), "it is the document of this version");
        let mut values = Vec::new();
        all(&document, &mut values);
        let references = values.into_iter().filter_map(|value| value.get("$ref"));
        let mut checked = 0;
        for reference in references {
            let target = reference.as_str().and_then(|target| target.strip_prefix('#')).expect("a reference within it");
            assert!(document.pointer(target).is_some(), "{target} leads nowhere");
            checked += 1;
        }
        assert!(checked > 200, "{checked} references are too few: are they found?");
    }

    #[test]
    fn every_operation_says_what_it_is_for_whom_and_what_may_come() {
        let document = document();
        let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
        let mut names = BTreeSet::new();
        for (path, _, told) in operations(&document) {
            let name = told["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            for field in ["summary", "description"] {
                assert!(told[field].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {field}");
            }
            assert!(tags.contains(&&told["tags"][0]), "{name}: {}", told["tags"]);
            let roles = words(&told["x-roles"]);
            let is_known = |role: &&str| Role::ALL.iter().any(|known| known.as_str() == *role);
            assert!(roles.iter().all(is_known), "{name}: {roles:?}");
            assert_eq!(told.get("security").is_some(), roles.is_empty(), "{name}: who needs no role needs no token");
            let is_signed = path.starts_with("/webhooks/");
            assert_eq!(told["responses"].get("401").is_some(), !roles.is_empty() || is_signed, "{name}");
            for written in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                let parameters = told["parameters"].as_array().unwrap();
                let mut resolved = parameters.iter().map(|one| match one["$ref"].as_str() {
                    Some(target) => document.pointer(&target[1..]).unwrap(),
                    None => one,
                });
                assert!(resolved.any(|one| one["in"] == "path" && one["name"] == written), "{name}: {written}");
            }
            let answers = told["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        }
    }

    /// Each code is a schema of its name, with its status, its title and its fields.
    #[test]
    fn each_problem_is_as_the_list_of_codes_says() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let problems = schemas.iter().filter(|(_, schema)| schema["properties"].get("code").is_some());
        let problems: BTreeSet<&str> = problems.map(|(name, _)| name.as_str()).collect();
        assert_eq!(problems, Code::ALL.iter().map(|code| code.as_str()).collect());
        for code in Code::ALL {
            let Spec { word, status, title, has, may_have, .. } = code.spec();
            let schema = &schemas[*word];
            let only = |name: &str| &schema["properties"][name]["const"];
            assert_eq!((only("code"), only("title"), only("status")), (&json!(word), &json!(title), &json!(status)));
            assert_eq!(only("type"), &json!(format!("urn:counterfoil:problem:{word}")));
            let always: BTreeSet<&str> = EVERY_PROBLEM.iter().chain(has.iter()).copied().collect();
            assert_eq!(words(&schema["required"]), always, "{word}");
            let named: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(named, always.iter().chain(may_have.iter()).copied().collect(), "{word}");
        }
    }

    /// What is a list of words here is one there too.
    #[test]
    fn words_are_those_of_the_engine() {
        let document = document();
        let schemas = &document["components"]["schemas"];
        assert_eq!(words(&schemas["State"]["enum"]), State::ALL.iter().map(|state| state.as_str()).collect());
        let points = words(&schemas["Fault"]["properties"]["point"]["enum"]);
        assert_eq!(points, Point::ALL.iter().map(|point| point.as_str()).collect());
        let told = schemas["HistoryEvent"]["properties"]["type"]["description"].as_str().unwrap();
        for name in NAMES {
            assert!(told.contains(&format!("`{name}`")), "{name} is not named");
        }
    }

    #[test]
    fn the_page_has_every_operation_and_every_schema_and_each_link_leads_somewhere() {
        let document = document();
        for (path, method, told) in operations(&document) {
            let name = told["operationId"].as_str().unwrap();
            assert!(PAGE.contains(&format!("id=\"{name}\"")), "{method} {path}");
            let summary = told["summary"].as_str().unwrap();
            assert!(!summary.contains(['<', '&', '"']), "{summary} is looked for as it is written");
            assert!(PAGE.contains(summary), "{summary}");
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(PAGE.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
        let mut checked = 0;
        for link in PAGE.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(PAGE.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
            checked += 1;
        }
        assert!(checked > 200, "{checked} links are too few: are they found?");
        for word in ["<script", "src=", "url(", "style=", "javascript:"] {
            assert!(!PAGE.contains(word), "the page has {word}");
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"), "a style sheet that loads another thing");
    }

    /// Whatever stands anywhere in a document is text in the page.
    #[test]
    fn nothing_of_the_document_is_read_as_html() {
        let odd = "<b>\"&'`<i>`";
        let schema = json!({"type": "object", "description": odd, "required": [odd], "examples": [{odd: odd}],
            "properties": {odd: {"type": odd, "description": odd, "pattern": odd, "enum": [odd], "default": odd},
                "more": {"const": odd},
                "nested": {"type": "array", "items": {"oneOf": [{"type": odd}, {"type": "null"}]}}}});
        let odd_document = json!({
            "info": {"title": odd, "version": odd, "summary": odd, "description": odd},
            "tags": [{"name": odd, "description": odd}],
            "paths": {odd: {"post": {"operationId": odd, "summary": odd, "description": odd, "tags": [odd],
                "x-roles": [odd],
                "parameters": [{"name": odd, "in": "header", "required": true, "description": odd, "example": odd,
                    "schema": {"type": odd, "pattern": odd}}],
                "requestBody": {"content": {"application/json": {"schema": schema}}},
                "responses": {odd: {"description": odd, "headers": {odd: {"description": odd}},
                    "content": {odd: {"schema": schema, "example": odd}}}}}}},
            "components": {"schemas": {odd: schema}, "securitySchemes": {odd: {"description": odd}}},
        });
        let page = page::of(&odd_document);
        assert!(page.contains("&lt;b&gt;"), "{page}");
        for raw in ["<b>\"", "<b>&", "<i>"] {
            assert!(!page.contains(raw), "{raw} is in {page}");
        }
        // Nor does anything of it end the attribute that it stands in.
        assert!(!page.contains("\"<"), "{page}");
    }
}

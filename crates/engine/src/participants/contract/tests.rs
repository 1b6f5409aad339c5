use super::*;

#[test]
fn the_words_are_those_of_the_saga() {
    use crate::saga::effect;
    let ours: Vec<&str> = ContractAction::ALL.iter().map(|action| action.as_str()).collect();
    let sagas: Vec<&str> = effect::Action::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(ours, sagas);
    assert_eq!("void".parse(), Ok(ContractAction::Void));
    assert!("avoid".parse::<ContractAction>().is_err_and(|told| told.contains("cancel-shipment")));
}

#[test]
fn only_what_is_said_in_so_many_words_is_an_outcome() {
    let read = |status, body: &str| ContractAnswer::read(status, body.as_bytes());
    assert_eq!(read(200, r#"{"reference":"r","new":1}"#), ContractAnswer::Done(Done::new("r")));
    assert_eq!(read(201, r#"{"reference":"r"}"#), ContractAnswer::Done(Done::new("r")));
    assert_eq!(read(202, ""), ContractAnswer::Pending(Pending { reference: None }));
    for status in [402, 409, 422] {
        let refusal = Refusal::new("no");
        assert_eq!(read(status, r#"{"reason":"no"}"#), ContractAnswer::Refused { status, refusal });
    }
    for (status, body) in [
        (200, "{}"),
        (200, r#"["r"]"#),
        (200, "<html>"),
        (400, r#"{"reason":"no"}"#),
        (404, r#"{"reason":"no"}"#),
        (408, ""),
        (409, r#"{"code":"key_in_use"}"#),
        (409, r#"{"reason":""}"#),
        (302, r#"{"reference":"r"}"#),
        (422, r#"{"detail":"which field?"}"#),
        (429, r#"{"reason":"slow down"}"#),
        (500, r#"{"reference":"r"}"#),
        (500, r#"{"code":"key_reused"}"#),
        (400, r#"{"code":"invalid_request"}"#),
        (400, r#"["key_reused"]"#),
    ] {
        assert_eq!(read(status, body), ContractAnswer::Unknown { status }, "{status} {body}");
    }
    for (status, body) in [
        (400, r#"{"code":"key_reused","detail":"another amount"}"#),
        (409, r#"{"code":"key_reused"}"#),
        (422, r#"{"reason":"key_reused"}"#),
        (422, r#"{"reason":"no","code":"key_reused"}"#),
    ] {
        assert_eq!(read(status, body), ContractAnswer::Contradicted { code: KEY_REUSED }, "{status} {body}");
    }
    assert_eq!(read(400, r#"{"code":"wrong_step"}"#), ContractAnswer::Contradicted { code: WRONG_STEP });
}

#[test]
fn a_wrong_request_says_what_is_wrong() {
    for (action, body, told) in [
        (ContractAction::Charge, "{}", "missing field"),
        (ContractAction::Reserve, r#"{"order_id":"o","lines":[]}"#, "lines must"),
        (ContractAction::Reserve, r#"{"order_id":"o","lines":[{"sku":"a","quantity":0}]}"#, "lines/0/quantity"),
        (ContractAction::Release, r#"{"order_id":"o","undoes":[]}"#, "exactly one"),
        (ContractAction::Void, r#"{"order_id":"o","undoes":[]}"#, "1 to 8"),
        (ContractAction::Void, r#"{"order_id":"","undoes":[]}"#, "order_id"),
    ] {
        let error = ContractRequest::read(action, body.as_bytes()).expect_err(body);
        assert!(error.contains(told), "{error}");
    }
}

/// The examples of a schema, each read as the type and written again.
fn round_trip<T: Serialize + DeserializeOwned>(document: &serde_json::Value, schema: &str) {
    let examples = document["components"]["schemas"][schema]["examples"].as_array();
    let examples = examples.unwrap_or_else(|| panic!("{schema} has no examples"));
    for example in examples {
        let read: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{schema}: {error}"));
        assert_eq!(&serde_json::to_value(read).expect("JSON"), example, "{schema}");
    }
}

#[test]
fn the_published_document_is_this_contract() {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.contains_key("/operations/{order_id}"));
    assert_eq!(paths.len(), ContractAction::ALL.len() + 1);
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for action in ContractAction::ALL {
        let post = &document["paths"][format!("/{action}")]["post"];
        assert_eq!(post["operationId"], action.as_str());
        assert_eq!(post["tags"][0], action.role().as_str());
        let body = post["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().expect("a body");
        let schema = body.rsplit('/').next().unwrap_or_default();
        for example in schemas[schema]["examples"].as_array().expect("examples") {
            let request = ContractRequest::read(*action, example.to_string().as_bytes()).expect(schema);
            let again: serde_json::Value = serde_json::from_str(&request.body()).expect("JSON");
            assert_eq!(&again, example, "{action}");
        }
    }
    type Check = fn(&serde_json::Value, &str);
    let types: &[(&str, Check)] = &[
        ("Line", round_trip::<Line>),
        ("StepRef", round_trip::<StepRef>),
        ("Address", round_trip::<Address>),
        ("Reserve", round_trip::<Reserve>),
        ("Charge", round_trip::<Charge>),
        ("Capture", round_trip::<Capture>),
        ("Ship", round_trip::<Ship>),
        ("Undo", round_trip::<Undo>),
        ("Void", round_trip::<Undo>),
        ("Run", round_trip::<Run>),
        ("UndoRun", round_trip::<UndoRun>),
        ("Refund", round_trip::<Refund>),
        ("Done", round_trip::<Done>),
        ("Pending", round_trip::<Pending>),
        ("Refusal", round_trip::<Refusal>),
        ("Shortage", round_trip::<Shortage>),
        ("Action", round_trip::<ContractAction>),
        ("Operation", round_trip::<Operation>),
        ("Operations", round_trip::<Operations>),
        ("Event", round_trip::<Event>),
        ("Problem", round_trip::<ContractProblem>),
    ];
    for (schema, check) in types {
        check(&document, schema);
    }
    let unchecked: Vec<_> = schemas.keys().filter(|name| !types.iter().any(|(known, _)| known == name)).collect();
    assert!(unchecked.is_empty(), "schemas without a type: {unchecked:?}");
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn walk<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
        match value {
            serde_json::Value::Object(entries) => {
                found.extend(entries.get("$ref").and_then(|target| target.as_str()));
                entries.values().for_each(|value| walk(value, found));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let document: serde_json::Value = serde_json::from_str(OPENAPI).expect("JSON");
    let mut references = Vec::new();
    walk(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

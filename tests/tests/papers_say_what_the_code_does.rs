//! The contract and its AsyncAPI document name the kinds, verdicts, rungs and examples that the code knows, and no others.

use gateway_core::bulletin::Bulletin;
use gateway_core::codes::CodeList;
use gateway_core::journal::Stage;
use gateway_core::lesson::{Lesson, Reply};
use gateway_core::programme::Programme;
use gateway_core::ruling::Ruling;
use gateway_core::verify::{Keys, Verdict};
use gateway_core::wire::Kind;
use serde_json::Value;
use std::path::Path;

fn paper(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()))
}

/// The words of the first `enum: [...]` after a line that is `mark`.
fn listed(yaml: &str, mark: &str) -> Vec<String> {
    let (_, after) = yaml.split_once(&format!("\n    {mark}:\n")).unwrap_or_else(|| panic!("no {mark}"));
    let (_, list) = after.split_once("enum: [").expect("a list follows");
    let (list, _) = list.split_once(']').expect("the list ends");
    list.split(',').map(|w| w.trim().to_owned()).collect()
}

/// The section of a page under a heading, up to the next heading of any rank.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, after) = page.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    after.split("\n#").next().unwrap_or(after)
}

/// First cells of a table's rows where they are one word in backticks.
fn first_words(section: &str) -> Vec<&str> {
    section.lines().filter_map(|l| l.strip_prefix("| `")?.split_once("` |").map(|(word, _)| word)).collect()
}

/// The JSON examples of a section.
fn examples(section: &str) -> Vec<&str> {
    section.split("```json\n").skip(1).filter_map(|b| b.split("\n```").next()).collect()
}

fn word(stage: Stage) -> String {
    let Ok(Value::String(word)) = serde_json::to_value(stage) else { panic!("a stage is a word") };
    word
}

#[test]
fn the_kinds_are_those_of_the_code_in_both_papers() {
    let kinds: Vec<&str> = Kind::ALL.iter().map(|k| k.word()).collect();
    assert_eq!(listed(&paper("asyncapi.yaml"), "downKind"), kinds);
    let contract = paper("contract.md");
    let page = section(&contract, "## 4. Kinds, hub to station");
    assert_eq!(first_words(page), kinds);
}

#[test]
fn the_verdicts_stand_in_the_order_in_which_they_are_checked() {
    use Verdict::*;
    let verdicts = [
        TooLarge,
        Malformed,
        BadAlgorithm,
        UnknownKey,
        BadSignature,
        UnsupportedKind,
        NotPermitted,
        WrongAudience,
        Replayed,
        NotYetValid,
        Expired,
        BadBody,
        Accepted,
    ];
    assert!(verdicts.is_sorted(), "the type's own order is that of the checks");
    let contract = paper("contract.md");
    let words: Vec<&str> = verdicts.iter().map(|v| v.word()).collect();
    assert_eq!(first_words(section(&contract, "### Verdicts")), words);
}

#[test]
fn the_rungs_are_those_of_the_code() {
    use Stage::*;
    let stages =
        [Received, Accepted, Refused, Ready, Waiting, Keyed, Audible, Shown, Done, Partial, Failed, Recalled, Expired];
    let words: Vec<String> = stages.into_iter().map(word).collect();
    assert_eq!(listed(&paper("asyncapi.yaml"), "Stage"), words);
    let contract = paper("contract.md");
    let ladder = section(&contract, "## 6. Station to hub, `ttcs/1/g/{station_id}/up/{kind}`");
    for word in words {
        assert!(ladder.contains(&format!("`{word}`")), "{word} is a rung that the contract does not name");
    }
}

#[test]
fn the_examples_of_the_contract_can_be_read() {
    let contract = paper("contract.md");
    let bulletin = examples(section(&contract, "## 5. Bulletin"));
    let bulletin: Bulletin = serde_json::from_str(&with_a_digest(bulletin[0])).expect("the bulletin of §5");
    assert_eq!(bulletin.repeat, 3);
    assert_eq!(bulletin.content.len(), 5);
    let programme: Programme =
        serde_json::from_str(examples(section(&contract, "### `programme`"))[0]).expect("the programme of §4");
    programme.check().expect("the programme of §4 can be put into the book");
    let lesson: Lesson = serde_json::from_str(&with_a_digest(examples(section(&contract, "### `lesson`"))[0]))
        .expect("the lesson of §4");
    lesson.check().expect("the lesson of §4 can be shown");
    let reply: Reply = serde_json::from_str(examples(section(&contract, "### `answer`"))[0]).expect("the answer of §4");
    reply.check().expect("the answer of §4 can be shown");
    let codes: CodeList =
        serde_json::from_str(examples(section(&contract, "### `codes`"))[0]).expect("the code list of §4");
    codes.check().expect("the code list of §4 can be offered");
    let ruling: Ruling =
        serde_json::from_str(examples(section(&contract, "### `config`"))[0]).expect("the config of §4");
    ruling.check().expect("the config of §4 can be looked at");
    let keys = examples(section(&contract, "### Trust store"))[0].replace("<base64url, 32 bytes>", &"A".repeat(43));
    let keys: Keys = serde_json::from_str(&keys).expect("the trust store of §3");
    assert_eq!(keys.keys[0].may, ["bulletin", "alert"]);
}

fn with_a_digest(example: &str) -> String {
    example.replace(r#""sha256": "…""#, &format!(r#""sha256": "{}""#, "0".repeat(64)))
}

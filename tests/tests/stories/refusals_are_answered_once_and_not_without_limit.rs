//! What is refused is answered once, a flood is told of once, and nothing of it is kept, fetched, spoken or shown.

use gateway_core::verify::Verdict;
use site_tests::hub::{Signing, SigningKey, sign};
use site_tests::told::{Told, bulletin};

fn forged(jti: &str) -> String {
    let mallory = SigningKey::from_seed("mallory", [66; 32]).expect("a key");
    let signing = Signing {
        iss: "hub-80".to_owned(),
        aud: "c:25459".to_owned(),
        iat: 1_795_212_000,
        exp: 1_795_298_400,
        jti: jti.to_owned(),
    };
    sign("bulletin", &bulletin("X-1", "emergency", "Tin giả."), &mallory, &signing)
}

fn answers(told: &Told) -> usize {
    told.uplinks.iter().filter(|u| u.kind == "ack" && u.body["stage"] == "refused").count()
}

#[test]
fn a_flood_costs_thirty_answers_a_minute_and_one_incident() {
    let mut told = Told::new();
    for n in 0..200 {
        assert_eq!(told.deliver(&forged(&format!("f-{n}"))), Some(Verdict::UnknownKey));
    }
    assert_eq!((answers(&told), told.incidents("refused_messages")), (30, 1));
    let journal = told.events.len();
    told.deliver(&forged("f-999"));
    assert_eq!(told.events.len(), journal, "nor does it fill the disk");
    assert!(told.site.wants().speech.is_empty() && told.heard("hall").is_empty() && told.board("gate").is_none());
    told.run(61_000);
    told.deliver(&forged("f-1000"));
    assert_eq!(answers(&told), 31);
}

#[test]
fn the_same_one_is_answered_once() {
    let mut told = Told::new();
    for _ in 0..5 {
        told.deliver(&forged("f-1"));
    }
    assert_eq!(answers(&told), 1);
}

#[test]
fn a_forgery_under_the_name_of_a_true_message_does_not_unsay_it() {
    let mut told = Told::new();
    let jti = told.send("bulletin", &bulletin("KC-1", "emergency", "Vỡ đập."));
    told.deliver(&forged(&jti));
    assert_eq!(answers(&told), 0);
    assert!(told.run_until(60_000, |t| t.rungs(&jti).last().is_some_and(|r| r == "done")));
}

//! A message that must not be carried out is answered once with its verdict, and the air does not notice.

use serde_json::{Value, json};
use site_tests::hub::{Keyring, Signing, SigningKey, sign};
use site_tests::stage::word::{emergency, ordinary};
use site_tests::stage::{PATIENCE, Plan, Stage};

struct Refused {
    verdict: &'static str,
    signing: Signing,
    message: String,
}

fn refused(stage: &Stage) -> Vec<Refused> {
    let keys = stage.hub.keyring();
    let (content, urgent) = (keys.get("hub-content").expect("a key"), keys.get("hub-emergency").expect("a key"));
    let stranger = SigningKey::generate("stranger").expect("a key");
    let impostor = SigningKey::generate("hub-emergency").expect("a key");
    let stray = Keyring::generate().expect("keys");
    let make = |verdict: &'static str, kind: &str, body: &Value, key: &SigningKey, change: fn(&mut Signing)| {
        let mut signing = Signing::to(&stage.audience());
        change(&mut signing);
        Refused { verdict, message: sign(kind, body, key, &signing), signing }
    };
    let same = |_: &mut Signing| {};
    let alarm = emergency("BT-no", 1);
    vec![
        make("unknown_key", "bulletin", &alarm, &stranger, same),
        make("bad_signature", "bulletin", &alarm, &impostor, same),
        make("bad_signature", "bulletin", &alarm, stray.get("hub-emergency").expect("a key"), same),
        make("not_permitted", "bulletin", &alarm, content, same),
        make("not_permitted", "trust", &json!({"keys": []}), urgent, same),
        make("unsupported_kind", "teleport", &json!({}), urgent, same),
        make("wrong_audience", "bulletin", &alarm, urgent, |s| s.aud = "c:25460".to_owned()),
        make("not_yet_valid", "bulletin", &alarm, urgent, |s| s.iat += 3600),
        make("expired", "bulletin", &alarm, urgent, |s| s.exp = s.iat - 3600),
        make("bad_body", "bulletin", &json!({"priority": "emergency"}), urgent, same),
        make("not_implemented", "survey", &json!({"text": "…"}), content, same),
    ]
}

#[test]
fn each_refused_message_is_answered_once_and_nothing_happens() {
    let stage = Stage::up(&Plan::new("refused")).expect("a stage");
    let touched = stage.commune.now();
    let all = refused(&stage);
    // Everything is delivered on the commune's topic, twice.
    for _ in 0..2 {
        for one in &all {
            stage.hub.publish_on(&stage.audience().topic("bulletin"), one.message.as_bytes()).expect("published");
        }
    }
    stage.hub.publish_on(&stage.audience().topic("bulletin"), b"no message at all").expect("published");
    stage.hub.publish_on(&stage.audience().topic("bulletin"), &vec![b'x'; 300_000]).expect("published");
    // One that is taken comes last: when it is answered, so are those before it.
    let (last, _) = stage.publish("bulletin", &ordinary("BT-last", "Tin.")).expect("published");
    stage.reach(&last, "accepted").expect("the station goes on");
    for one in &all {
        let rung = stage.hub.wait_for(PATIENCE, one.verdict, |uplinks| {
            uplinks.iter().find(|u| u.of() == Some(&one.signing.jti)).cloned()
        });
        let body = rung.expect("an answer").body;
        assert_eq!((&body["stage"], &body["code"]), (&json!("refused"), &json!(one.verdict)), "{body}");
    }
    let (next, _) = stage.publish("bulletin", &ordinary("BT-next", "Tin.")).expect("published");
    stage.reach(&next, "accepted").expect("the station goes on");
    for one in &all {
        let answers = stage.hub.uplinks().iter().filter(|u| u.of() == Some(&one.signing.jti)).count();
        assert_eq!(answers, 1, "{} was answered {answers} times", one.verdict);
    }
    let officer = stage.officer().expect("an officer");
    let inbox = officer.get("/api/v1/bulletins").expect("the inbox").body.to_string();
    assert!(inbox.contains("BT-next") && !inbox.contains("BT-no"), "nothing of a refused message is kept: {inbox}");
    let acts: Vec<_> = stage.commune.timeline.events().into_iter().filter(|e| e.at_ns > touched).collect();
    assert!(acts.iter().all(|e| ["hub", "stage"].contains(&e.device.as_str())), "{acts:?}");
    assert!((0..2).all(|c| stage.tape().expect("a tape").channel(c).iter().all(|s| *s == 0)), "something sounded");
    let counted = stage.station.metric("gateway_messages_refused_total").expect("a metric");
    assert!(counted >= 20.0, "{counted} were counted");
}

#[test]
fn a_flood_of_refused_messages_is_one_incident() {
    let stage = Stage::up(&Plan::new("flood")).expect("a stage");
    let stranger = SigningKey::generate("stranger").expect("a key");
    let flood: Vec<String> = (0..200)
        .map(|_| sign("bulletin", &emergency("BT-no", 1), &stranger, &Signing::to(&stage.audience())))
        .collect();
    stage.hub.publish_all(&flood).expect("published");
    let (jti, _) = stage.publish("bulletin", &emergency("BT-1", 1)).expect("published");
    stage.reach(&jti, "done").expect("an emergency behind it sounds");
    let uplinks = stage.hub.uplinks();
    let incidents: Vec<_> = uplinks.iter().filter(|u| u.kind == "incident").collect();
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    assert_eq!(incidents[0].body["code"], "refused_messages");
    let answers = uplinks.iter().filter(|u| u.body["code"] == "unknown_key").count();
    assert!((1..=30).contains(&answers), "{answers} answers to a flood");
}

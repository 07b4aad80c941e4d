//! A technician joins and forgets Wi-Fis and names the access point of the mobile network: python-dbusmock's NetworkManager has
//! the cards that this machine lacks, and Debian's own judges the connections that are made.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use site_tests::peer::Peer;
use site_tests::small::Small;
use site_tests::stage::{Answer, Officer, PATIENCE};
use std::time::{Duration, Instant};

const RIGHT: &str = "mat-khau-dung";
const WRONG: &str = "mat-khau-khac";

fn until(minh: &Officer, what: &str, look: impl Fn(&Value) -> bool) -> Result<Value> {
    let late = Instant::now() + PATIENCE;
    loop {
        let state = minh.get("/api/v1/network")?.body;
        if look(&state) {
            return Ok(state);
        }
        if Instant::now() > late {
            bail!("{what} never came: {state:#}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn up(minh: &Officer) -> Result<Value> {
    until(minh, "a trial that is up", |s| s["trial"]["phase"] == "up")
}

fn ended(minh: &Officer) -> Result<Value> {
    until(minh, "the end of the trial", |s| s["trial"].is_null()).map(|s| s["last"].clone())
}

fn join(minh: &Officer, ssid: &str, password: Option<&str>) -> Result<Answer> {
    let body = json!({"device": "wlan0", "ssid": ssid, "password": password});
    minh.put("/api/v1/network/wifi", &body)
}

fn wlan(state: &Value) -> &Value {
    &state["devices"][2]
}

fn keep(minh: &Officer, begun: &Answer) -> Result<()> {
    ensure!(begun.status == 200, "{begun:?}");
    up(minh)?;
    let kept = minh.post("/api/v1/network/keep", &json!({"no": begun.body["trial"]["no"]}))?;
    ensure!(kept.status == 200, "{kept:?}");
    ensure!(ended(minh)?["fate"] == "kept", "it is not kept");
    Ok(())
}

#[test]
fn a_wifi_is_joined_on_trial_and_a_wrong_password_keeps_nobody_out() -> Result<()> {
    let mut peer = Peer::system("network_mock.py", &[]);
    let small = Small::up("wifi", &format!("[network]\nbus = \"{}\"\nconfirm_s = 60\n", peer.ready))?;
    let minh = small.officer("minh")?;
    let state =
        until(&minh, "the furniture of the mock", |s| wlan(s)["state"] == "up" && s["devices"][0]["state"] == "up")?;
    let names: Vec<_> = state["devices"].as_array().into_iter().flatten().map(|d| (&d["name"], &d["kind"])).collect();
    ensure!(format!("{names:?}").matches("String").count() == 6, "three devices: {names:?}");
    ensure!(wlan(&state)["ssid"] == "UBND xã" && wlan(&state)["signal"] == 82, "{state:#}");
    ensure!(state["saved"][0]["ssid"] == "UBND xã" && state["saved"][0]["active"] == true, "{state:#}");
    ensure!(state["mobile"] == json!({"modem": true, "apn": "m-wap"}), "{state:#}");

    // What is in reach, strongest first.
    let seen = minh.post("/api/v1/network/scan", &json!({"device": "wlan0"}))?;
    let rows: Vec<_> = seen.body["networks"].as_array().into_iter().flatten().collect();
    let told: Vec<String> = rows.iter().map(|r| format!("{}/{}/{}", r["ssid"], r["protection"], r["known"])).collect();
    let expected = [
        "\"UBND xã\"/\"password\"/true",
        "\"Nhà bên\"/\"password\"/false",
        "\"Cà phê\"/\"open\"/false",
        "\"Trường học\"/\"enterprise\"/false",
        "\"Cũ\"/\"outdated\"/false",
    ];
    ensure!(told == expected, "{told:?}");
    ensure!(minh.post("/api/v1/network/scan", &json!({"device": "eth0"}))?.status == 404, "a cable looks round");

    // What cannot be joined is refused in words, and nothing is on trial.
    for (ssid, password, status, code) in [
        ("Nhà bên", None, 409, "needs_password"),
        ("Nhà bên", Some("1234567"), 422, "bad_body"),
        ("Cà phê", Some(RIGHT), 409, "unprotected"),
        ("Trường học", Some(RIGHT), 409, "enterprise"),
        ("Cũ", Some(RIGHT), 409, "outdated"),
        ("Xa lắm", Some(RIGHT), 409, "out_of_reach"),
    ] {
        let answer = join(&minh, ssid, password)?;
        ensure!(answer.status == status && answer.body["code"] == code, "{ssid}: {answer:?}");
    }

    // A wrong password: the Wi-Fi before is put back at once, nothing of the other is kept.
    let begun = join(&minh, "Nhà bên", Some(WRONG))?;
    ensure!(begun.status == 200 && begun.body["trial"]["what"] == "join", "{begun:?}");
    let last = ended(&minh)?;
    ensure!(last["fate"] == "failed" && last["fault"] == "password", "{last:#}");
    until(&minh, "the Wi-Fi before", |s| wlan(s)["ssid"] == "UBND xã" && wlan(s)["state"] == "up")?;
    ensure!(peer.ask("kept Nhà bên") == "none" && peer.ask("kept UBND xã") == format!("disk {RIGHT}"), "what is kept");

    // The right one: in memory until it is confirmed, then on the disk; Debian's NetworkManager takes it as it is.
    let begun = join(&minh, "Nhà bên", Some(RIGHT))?;
    let state = up(&minh)?;
    ensure!(wlan(&state)["ssid"] == "Nhà bên" && peer.ask("kept Nhà bên") == format!("memory {RIGHT}"), "{state:#}");
    keep(&minh, &begun)?;
    ensure!(peer.ask("kept Nhà bên") == format!("disk {RIGHT}"), "{}", peer.ask("kept Nhà bên"));
    let shown = peer.ask("shown Nhà bên");
    std::fs::write(small.scratch.join("shown.json"), &shown)?;

    // A known one is joined again without its password, and its address set without losing it.
    keep(&minh, &join(&minh, "UBND xã", None)?)?;
    let fixed = json!({"device": "wlan0", "method": "fixed", "address": "192.168.4.9", "prefix": 24});
    keep(&minh, &minh.put("/api/v1/network/address", &fixed)?)?;
    let state = minh.get("/api/v1/network")?.body;
    ensure!(wlan(&state)["addresses"] == json!(["192.168.4.9/24"]) && wlan(&state)["method"] == "fixed", "{state:#}");
    ensure!(peer.ask("kept UBND xã") == format!("disk {RIGHT}"), "its password is lost");

    // Forgotten: at once where it is not in use, on trial where it is; undone, it is joined again.
    let id = |state: &Value, ssid: &str| {
        let saved = state["saved"].as_array().into_iter().flatten().find(|s| s["ssid"] == ssid);
        saved.and_then(|s| s["id"].as_str()).map(str::to_owned).context("no such Wi-Fi")
    };
    let (used, other) = (id(&state, "UBND xã")?, id(&state, "Nhà bên")?);
    let gone = minh.delete(&format!("/api/v1/network/wifi/{other}"))?;
    ensure!(gone.status == 200 && gone.body["trial"].is_null() && peer.ask("kept Nhà bên") == "none", "{gone:?}");
    ensure!(minh.delete(&format!("/api/v1/network/wifi/{other}"))?.status == 404, "forgotten twice");
    let begun = minh.delete(&format!("/api/v1/network/wifi/{used}"))?;
    ensure!(begun.body["trial"]["what"] == "forget", "{begun:?}");
    let state = up(&minh)?;
    ensure!(wlan(&state)["state"] == "down" && peer.ask("kept UBND xã") == format!("disk {RIGHT}"), "{state:#}");
    minh.post("/api/v1/network/undo", &json!({"no": begun.body["trial"]["no"]}))?;
    ensure!(ended(&minh)?["fate"] == "undone", "not undone");
    until(&minh, "the Wi-Fi again", |s| wlan(s)["ssid"] == "UBND xã" && wlan(s)["state"] == "up")?;

    // The mobile network.
    keep(&minh, &minh.put("/api/v1/network/apn", &json!({"apn": "v-internet"}))?)?;
    ensure!(minh.get("/api/v1/network")?.body["mobile"]["apn"] == "v-internet", "the access point");

    // Without the right nothing is begun, and the page can say why.
    peer.ask("allow auth");
    until(&minh, "that it is forbidden", |s| s["elsewhere"] == "forbidden")?;
    let refused = join(&minh, "Cà phê", None)?;
    ensure!(refused.status == 409 && refused.body["code"] == "not_allowed", "{refused:?}");

    // Neither books nor log nor bundle hold a password or the name of anybody's Wi-Fi.
    std::fs::remove_file(small.scratch.join("shown.json"))?;
    let bundle = minh.fetch("/api/v1/bundle")?;
    std::fs::write(small.scratch.join("bundle.tar.gz"), bundle)?;
    let mut unpack = std::process::Command::new("tar");
    unpack.arg("-xzf").arg(small.scratch.join("bundle.tar.gz")).current_dir(small.scratch.path());
    ensure!(unpack.status()?.success(), "unpacking the bundle");
    for secret in [RIGHT, WRONG, "Nhà bên"] {
        let found = small.holds(secret)?;
        ensure!(found.is_none(), "{secret} is in {found:?}");
    }
    judged(&shown)
}

/// Debian's NetworkManager takes a connection that the station made, and keeps its name and password.
fn judged(shown: &str) -> Result<()> {
    let parts: Value = serde_json::from_str(shown)?;
    ensure!(parts["802-11-wireless-security"]["key-mgmt"] == json!(["s", "wpa-psk"]), "{parts:#}");
    let scratch = site_tests::scratch::Scratch::new("wifi-judge")?;
    let mut judge = Peer::apart("network_manager.py", &[&scratch.join("nm").display().to_string()]);
    let quoted = format!("'{}'", shown.replace('\'', "'\\''"));
    let told = judge.ask(&format!("add {quoted}"));
    ensure!(told == "taken", "NetworkManager: {told}");
    let kept = judge.ask("kept");
    // Its keyfile has a name that is not ASCII as bytes.
    let ssid = format!("ssid={};", "Nhà bên".bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(";"));
    for line in [ssid.as_str(), "key-mgmt=wpa-psk", &format!("psk={RIGHT}"), "mode=infrastructure", "type=wifi"] {
        ensure!(kept.contains(line), "{line} is not in {kept}");
    }
    Ok(())
}

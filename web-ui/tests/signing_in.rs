//! Signing in: the first password, the cookie, roles, and the delay that stops guessing.

#[path = "bench/door.rs"]
mod door;
#[path = "bench/invented.rs"]
mod invented;

use axum::http::StatusCode;
use door::{PASSWORD, Place, Scratch, bare, json};
use invented::Book;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use web_ui::{Role, users};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn the_first_password_is_made_once_used_once_and_gone() {
    let dir = Scratch::new();
    let file = dir.path().join(users::FIRST_PASSWORD_FILE);
    let place = Place::over(dir, invented::view("quiet"), Book::default(), false);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&place.dir.path().join(users::USERS_FILE)), 0o600);
    let first = fs::read_to_string(&file).expect("the first password");
    // Started again before anybody came: the same password still holds.
    users::open(place.dir.path()).expect("opened again");
    assert_eq!(fs::read_to_string(&file).expect("the first password"), first);

    assert_eq!(place.try_sign_in("admin", "admin").await.status, StatusCode::UNAUTHORIZED);
    assert!(file.exists());
    let answer = place.try_sign_in("admin", first.trim()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["role"], "technician");
    assert!(!file.exists());
    assert_eq!(place.try_sign_in("admin", first.trim()).await.status, StatusCode::OK);
    users::open(place.dir.path()).expect("opened again");
    assert!(!file.exists());
    let kept = fs::read_to_string(place.dir.path().join(users::USERS_FILE)).expect("the users");
    assert!(kept.contains("$argon2id$") && !kept.contains(first.trim()));
}

#[test]
fn a_broken_file_of_users_is_never_replaced() {
    let dir = Scratch::new();
    let file = dir.path().join(users::USERS_FILE);
    fs::write(&file, "{\"users\": [").expect("written");
    assert!(users::open(dir.path()).is_err());
    assert!(users::add_user(dir.path(), "lan", Role::Officer, PASSWORD).is_err());
    assert_eq!(fs::read_to_string(&file).expect("the users"), "{\"users\": [");
    assert!(!dir.path().join(users::FIRST_PASSWORD_FILE).exists());
}

#[test]
fn unfit_names_and_passwords_are_refused() {
    let dir = Scratch::new();
    for (name, password) in [("", PASSWORD), ("lan nguyễn", PASSWORD), ("../x", PASSWORD), ("lan", "ngan")] {
        assert!(users::add_user(dir.path(), name, Role::Officer, password).is_err(), "{name:?} {password:?}");
    }
    assert!(!dir.path().join(users::USERS_FILE).exists());
}

#[tokio::test]
async fn a_user_added_at_the_command_line_may_come_in_without_a_restart() {
    let place = Place::new("quiet");
    assert_eq!(place.try_sign_in("hoa", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    users::add_user(place.dir.path(), "hoa", Role::Approver, PASSWORD).expect("hoa");
    assert_eq!(place.try_sign_in("hoa", PASSWORD).await.json()["role"], "approver");
    // A new password ends the old one.
    users::add_user(place.dir.path(), "hoa", Role::Viewer, "mat-khau-khac-han").expect("hoa");
    assert_eq!(place.try_sign_in("hoa", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_dead_disk_keeps_nobody_out() {
    let place = Place::new("quiet");
    fs::remove_file(place.dir.path().join(users::USERS_FILE)).expect("removed");
    fs::create_dir(place.dir.path().join(users::USERS_FILE)).expect("unreadable");
    assert_eq!(place.try_sign_in("lan", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let dir = Scratch::new();
    users::add_user(dir.path(), "lan", Role::Officer, PASSWORD).expect("lan");
    let place = Place::over(dir, invented::view("quiet"), Book::default(), true);
    let answer = place.try_sign_in("lan", PASSWORD).await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-desk="), "{set}");
    for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=43200"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
}

#[tokio::test]
async fn signing_in_gives_a_new_session_and_signing_out_ends_it() {
    let place = Place::new("quiet");
    let first = place.sign_in("lan").await;
    let body = format!("{{\"name\":\"khach\",\"password\":\"{PASSWORD}\"}}");
    let second = place.knock(json("POST", "/api/v1/session", &first, &body)).await.cookie();
    assert_ne!(first, second);
    assert_eq!(place.knock(bare("GET", "/api/v1/air", &first)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(place.knock(bare("GET", "/api/v1/air", &second)).await.status, StatusCode::OK);
    assert_eq!(place.knock(bare("DELETE", "/api/v1/session", &second)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(place.knock(bare("GET", "/api/v1/air", &second)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_ends_after_twelve_hours() {
    let place = Place::new("quiet");
    let cookie = place.sign_in("lan").await;
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(11 * 3600)).await;
        assert_eq!(place.knock(bare("GET", "/api/v1/air", &cookie)).await.status, StatusCode::OK);
    }
    tokio::time::advance(Duration::from_secs(12 * 3600)).await;
    assert_eq!(place.knock(bare("GET", "/api/v1/air", &cookie)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn guessing_waits_longer_each_time_and_says_how_long() {
    let place = Place::new("quiet");
    for name in ["lan", "khong-co-ai"] {
        for _ in 0..3 {
            let answer = place.try_sign_in(name, "doan-mo-mat-khau").await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "wrong_password"));
        }
        for seconds in [2_u64, 4, 8] {
            // Even the right password has to wait, or the delay would tell which one is right.
            let answer = place.try_sign_in(name, PASSWORD).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "locked"), "{name}");
            assert_eq!(answer.header("retry-after"), seconds.to_string());
            tokio::time::advance(Duration::from_secs(seconds)).await;
            assert_eq!(place.try_sign_in(name, "doan-mo-mat-khau").await.status, StatusCode::UNAUTHORIZED);
        }
    }
    // Others come in meanwhile, and so does the name itself once it has waited.
    place.sign_in("khach").await;
    tokio::time::advance(Duration::from_secs(16)).await;
    place.sign_in("lan").await;
}

#[tokio::test]
async fn odd_sign_ins_are_told_what_is_wrong() {
    let place = Place::new("quiet");
    let long = "x".repeat(5000);
    for (name, password) in [("", ""), (long.as_str(), PASSWORD), ("lan", long.as_str()), ("lan\0", PASSWORD)] {
        let answer = place.try_sign_in(name, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    for body in ["{}", "{\"name\":1,\"password\":\"x\"}", "{\"name\":\"lan\",\"password\":\"x\",\"role\":\"admin\"}"] {
        let answer = place.knock(json("POST", "/api/v1/session", "", body)).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "bad_body"), "{body}");
    }
}

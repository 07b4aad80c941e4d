//! What a mosquitto broker needs to know: listener, certificates, and who may read and write what.

use super::HUB;
use super::audience::Place;
use super::pki::Pki;
use super::session::MAX_PACKET;
use std::fmt::Write;
use std::path::Path;

/// The access list: the hub everything, a station its audiences downward and its own topics upward, others nothing.
/// A station whose place is not known may listen to every province and commune; what is not for it, it refuses.
pub fn access_list(places: &[Place]) -> String {
    let mut text =
        format!("# Names are the common names of client certificates.\nuser {HUB}\ntopic readwrite ttcs/1/#\n");
    for place in places {
        let (id, province) = (&place.station, place.province.as_deref().unwrap_or("+"));
        let commune = place.commune.as_deref().unwrap_or("+");
        let lines = format!(
            "\nuser {id}\ntopic read ttcs/1/all/down/#\ntopic read ttcs/1/p/{province}/down/#\n\
             topic read ttcs/1/c/{commune}/down/#\ntopic read ttcs/1/g/{id}/down/#\ntopic write ttcs/1/g/{id}/up/#\n"
        );
        text.push_str(&lines);
    }
    text
}

/// A configuration with TLS and client certificates; `store` is where the broker keeps sessions and queued messages,
/// `user` the account it gives its rights up for when started as root.
pub fn with_tls(pki: &Pki, listen: &str, port: u16, store: &Path, user: &str) -> String {
    let path = |name: &str| pki.path(name).display().to_string();
    let mut text = common(listen, port, store, user);
    let lines = [
        format!("cafile {}", path("ca.pem")),
        format!("certfile {}", path("broker.pem")),
        format!("keyfile {}", path("broker.key")),
        "require_certificate true".to_owned(),
        "use_identity_as_username true".to_owned(),
        "allow_anonymous false".to_owned(),
        format!("acl_file {}", path("mosquitto.acl")),
    ];
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A configuration without TLS, on the loopback address only: for measuring, never for the field.
pub fn plain(port: u16, store: &Path, user: &str) -> String {
    common("127.0.0.1", port, store, user) + "allow_anonymous true\n"
}

fn common(listen: &str, port: u16, store: &Path, user: &str) -> String {
    let mut text = String::new();
    let store = format!("{}/", store.display());
    let written = write!(
        text,
        "# A station may be away for a week: its session and what waits for it are kept.\n\
         persistence true\npersistence_location {store}\nautosave_interval 30\n\
         persistent_client_expiration 14d\nmax_queued_messages 100000\nmax_packet_size {MAX_PACKET}\n\
         set_tcp_nodelay true\nlog_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n\
         log_type information\nuser {user}\n\nlistener {port} {listen}\n"
    );
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
    text
}

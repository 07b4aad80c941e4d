//! Serves the desk over an invented station, to look at it: `cargo run -p web-ui --example desk -- emergency 8500`.
//!
//! States: quiet, programme, emergency, drill, trouble. Sign in as `lan` with `xem-thu-ban-dieu-khien`; the citizens'
//! notice is on the next port.

#[path = "../tests/bench/invented.rs"]
mod invented;

use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use web_ui::{Asked, Desk, Outcome, Role};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let state = std::env::args().nth(1).unwrap_or_else(|| "programme".to_owned());
    let port: u16 = std::env::args().nth(2).and_then(|p| p.parse().ok()).unwrap_or(8500);
    let dir = std::env::temp_dir().join(format!("desk-{port}"));
    std::fs::create_dir_all(&dir)?;
    web_ui::users::add_user(&dir, "lan", Role::Officer, "xem-thu-ban-dieu-khien")?;
    web_ui::users::add_user(&dir, "khach", Role::Viewer, "xem-thu-ban-dieu-khien")?;
    let users = web_ui::users::open(&dir)?;
    let office = web_ui::office::open(&dir);
    let (_told, view) = watch::channel(Arc::new(invented::view(&state)));
    let (orders, mut asked) = mpsc::channel::<Asked>(16);
    let (reads, ears) = (Arc::new(invented::Book::default()), Arc::new(invented::Echo::default()));
    let voice = Arc::new(invented::Parrot::default());
    let (studio, outlook) = (Arc::new(invented::Booth), Arc::new(invented::Horizon::default()));
    let lines: web_ui::Lines = Arc::new(|| vec![invented::line()]);
    let desk = Desk {
        view: view.clone(),
        orders,
        reads,
        outlook,
        ears,
        voice,
        studio,
        lines,
        preview: Arc::new(web_ui::NoPreview),
        media: Arc::new(invented::Cellar::default()),
        boards: Arc::new(invented::Wall),
        configuration: Arc::new(web_ui::NoConfiguration),
        machine: Arc::new(web_ui::NoMachine),
        network: Arc::new(web_ui::NoNetwork),
        users,
        office,
        secure_cookie: false,
        trust: None,
    };
    tokio::spawn(async move {
        let mut seq = 1200;
        while let Some(order) = asked.recv().await {
            seq += 1;
            log::info!(act:? = order.act; "an order");
            order.answer.send(Outcome::Done { seq }).ok();
        }
    });
    let officer = TcpListener::bind(("127.0.0.1", port)).await?;
    let citizen = TcpListener::bind(("127.0.0.1", port + 1)).await?;
    let citizens = async { axum::serve(citizen, web_ui::citizen(view)).await };
    let officers = async { axum::serve(officer, web_ui::officer(desk)).await };
    tokio::try_join!(citizens, officers)?;
    Ok(())
}

//! What is kept, what makes room, and what is looked at again.

use super::*;

#[test]
fn what_nobody_wants_makes_room() {
    let files = [bytes(1000), bytes(1001), bytes(1002)];
    let served = files.clone();
    let server = Server::start(move |asked, _| {
        (Act::Serve, served[asked.path[1..].parse::<usize>().expect("a number")].clone())
    });
    let folder = Folder::new();
    let cache = Cache::open(&folder, &server, quick(), 2500);
    let wants: Vec<_> = (0..3).map(|i| want(&server, &format!("/{i}"), &files[i])).collect();
    for (id, want) in &wants {
        // The first is wanted all the time.
        let wanted = BTreeMap::from([wants[0].clone(), (id.clone(), want.clone())]);
        cache.clips.want(&wanted);
        assert_eq!(cache.report(), (id.clone(), READY));
    }
    let there: Vec<bool> = wants.iter().map(|(id, _)| cache.clips.path(id).exists()).collect();
    assert_eq!(there, [true, false, true], "the second was wanted no more when the last came");
}

#[test]
fn a_file_whose_length_nobody_noted_is_looked_at_again() {
    let (folder, server) = (Folder::new(), Server::start(|_, _| (Act::Serve, bytes(10))));
    let dir = folder.path().join("clips");
    fs::create_dir_all(&dir).expect("made");
    let id = name_of(&bytes(10));
    fs::write(dir.join(id.as_str()), bytes(10)).expect("written");
    let cache = Cache::open(&folder, &server, quick(), 1 << 30);
    assert_eq!(cache.report(), (id.clone(), READY));
    assert_eq!(fs::read_to_string(dir.join(id.as_str()).with_extension("ms")).expect("noted"), "1000 -20.00 -3.00\n");
}

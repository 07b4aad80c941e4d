//! Sinks that send over the network.

use super::{SoundConfig, SoundSpec, changed, line_of, read_all_there, refused};
use drivers::sound::rtp::{Codec, Wrapper};

#[test]
fn a_network_sink_has_what_is_usual_for_its_codec_and_a_line_of_its_own() {
    let to = "driver = \"rtp\"\naddress = \"239.192.7.1:5004\"\nemergency_address = \"239.192.7.1:5006\"\n\
              interface = \"eth0\"\nttl = 4\ncodec = \"G722\"";
    let text = changed("driver = \"soundcard\"\ndevice = \"default\"\nchannels = [0]", to);
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let is = |s: &&SoundSpec| s.line.as_str() == "rtp/hall";
    let Some(SoundConfig::Rtp(rtp)) = config.sound.iter().find(is).map(|s| &s.config) else { panic!("none") };
    assert_eq!((rtp.codec, rtp.payload_type, rtp.packet_ms, rtp.ttl), (Codec::G722, 9, 20, 4));
    assert_eq!(rtp.emergency_address.map(|a| a.to_string()).as_deref(), Some("239.192.7.1:5006"));
    assert_eq!(config.site.sinks.get(&rtp.sink).map(|s| s.path), Some("ip"));
}

#[test]
fn telephones_are_paged_on_their_channels() {
    let to = "driver = \"rtp\"\naddress = \"224.0.1.116:5001\"\ninterface = \"eth0\"\ncodec = \"PCMU\"\n\
              polycom = { channel = 27, caller = \"UBND\" }";
    let text = changed("driver = \"soundcard\"\ndevice = \"default\"\nchannels = [0]", to);
    let (config, problems, _) = read_all_there(&text);
    assert_eq!(problems, []);
    let config = config.expect("a station");
    let wrapper = |s: &SoundSpec| match &s.config {
        SoundConfig::Rtp(rtp) => Some(rtp.wrapper.clone()),
        SoundConfig::Card(_) | SoundConfig::Recorder(_) => None,
    };
    let wrappers: Vec<_> = config.sound.iter().filter_map(wrapper).collect();
    let caller = "UBND".to_owned();
    assert_eq!(wrappers, [Wrapper::Polycom { channel: 27, emergency_channel: 50, host: 1, caller }]);
}

#[test]
fn what_a_network_sink_cannot_be() {
    let sink = |keys: &str| {
        let to = format!("driver = \"rtp\"\n{keys}");
        changed("driver = \"soundcard\"\ndevice = \"default\"\nchannels = [0]", &to)
    };
    let group = "address = \"239.192.7.1:5004\"\n";
    let at_fault = |text: &str, what: &str| {
        let (_, problems, _) = read_all_there(text);
        let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
        assert!(problem.key == "sink" && problem.what.contains(what), "{problem:?}");
    };
    at_fault(&sink(group), "the default route is not a choice");
    refused(&sink("address = \"horns.lan:5004\""), "horns.lan", "sink.address", "239.192.7.1:5004");
    refused(&sink(&format!("{group}interface = \"a b\"")), "a b", "sink.interface", "eth0");
    refused(&sink(&format!("{group}interface = \"eth0\"\ncodec = \"MP3\"")), "MP3", "sink.codec", "one of these");
    at_fault(&sink(&format!("{group}interface = \"eth0\"\npacket_ms = 20")), "not usual with L16");
    let two = sink(&format!("{group}interface = \"eth0\"")).replace(
        "driver = \"soundcard\"\ndevice = \"default\"\nchannels = [1]",
        &format!("driver = \"rtp\"\ninterface = \"eth0\" # 2\n{}", group.trim_end()),
    );
    let (_, problems, _) = read_all_there(&two);
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert_eq!((problem.line, problem.key.as_str()), (line_of(&two, "# 2") + 1, "sink.address"), "{problem:?}");
}

//! A name server of the test's own: answers TXT questions over UDP from a table, and says that
//! there is no such name to all others.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::thread;

/// Names (without a final dot) and their texts.
pub type Texts = BTreeMap<String, Vec<String>>;

/// Starts one that answers from `texts` until the test's process ends.
pub fn answering(texts: Texts) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut packet = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            if let Some(answer) = answer(&packet[..length], &texts) {
                socket.send_to(&answer, from).unwrap();
            }
        }
    });
    address
}

/// One that hears every question and answers none, for as long as the socket is kept.
pub fn silent() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// RFC 1035 section 4, as far as one question for TXT goes.
fn answer(packet: &[u8], texts: &Texts) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let question = packet.get(12..at + 4)?;
    let found = texts.get(&labels.join("."));
    let is_txt = packet[at..at + 2] == [0, 16];
    let answers = found.filter(|_| is_txt).map_or(&[][..], |texts| texts);
    let mut out = packet[..2].to_vec();
    // A response, recursion desired and available; code 3 is "no such name".
    out.extend([0x81, if found.is_some() { 0x80 } else { 0x83 }, 0, 1]);
    out.extend(u16::try_from(answers.len()).unwrap().to_be_bytes());
    out.extend([0, 0, 0, 0]);
    out.extend(question);
    for text in answers {
        let strings: Vec<u8> = text
            .as_bytes()
            .chunks(255)
            .flat_map(|string| [&[u8::try_from(string.len()).unwrap()], string].concat())
            .collect();
        // The name is that at octet 12; TXT, IN, a minute.
        out.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(strings.len()).unwrap().to_be_bytes());
        out.extend(strings);
    }
    Some(out)
}

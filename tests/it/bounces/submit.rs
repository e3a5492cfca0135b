//! A mail handed to the mail server with whatever its envelope is to say.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

/// Submits a mail; `from` and `to` are the arguments of MAIL and RCPT, with their parameters.
pub fn submit(smtp: &str, from: &str, to: &str, mail: &[u8]) {
    let socket = TcpStream::connect(smtp).unwrap();
    let mut replies = BufReader::new(socket.try_clone().unwrap());
    let mut say = |words: &[u8], expected: char| {
        (&socket).write_all(words).unwrap();
        loop {
            let mut line = String::new();
            replies.read_line(&mut line).unwrap();
            assert!(line.starts_with(expected), "{}: {line}", String::from_utf8_lossy(words));
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    };
    say(b"", '2');
    say(b"EHLO tests.news.test\r\n", '2');
    say(format!("MAIL FROM:{from}\r\n").as_bytes(), '2');
    say(format!("RCPT TO:{to}\r\n").as_bytes(), '2');
    say(b"DATA\r\n", '3');
    let mail = String::from_utf8_lossy(mail).replace("\r\n.", "\r\n..");
    say(format!("{mail}\r\n.\r\n").as_bytes(), '2');
    say(b"QUIT\r\n", '2');
}
